/**
 * The session in which Spark runs: on this machine, or the one that spark-submit is asked for.
 *
 * <p>Knows no tables and no images. Start at {@link io.tandem.spark.EmbeddedSpark}.
 */
package io.tandem.spark;
