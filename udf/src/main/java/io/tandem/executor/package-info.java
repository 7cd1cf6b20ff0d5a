/**
 * What runs inside a Spark executor: decoding of the batches of a partition, and what it needs
 * there: files, a device, models, labels, metrics.
 *
 * <p>The only package of this module that sees Spark. Knows neither tables nor run folders nor the
 * command line. Start at {@link io.tandem.executor.GeneratePartition}.
 */
package io.tandem.executor;
