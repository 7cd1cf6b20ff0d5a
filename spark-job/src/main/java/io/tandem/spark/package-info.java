/**
 * The session in which Spark runs: on this machine, or the one that spark-submit is asked for.
 *
 * <p>Knows no tables and no images. Start at {@link io.tandem.spark.EmbeddedSpark}; what it is
 * opened with is {@link io.tandem.spark.SessionSettings}.
 */
package io.tandem.spark;
