/**
 * What is measured while a batch is decoded, and the work that the measured time is compared with.
 *
 * <p>Knows neither tensors nor devices: who measures passes in how to drain one. Start at {@link
 * io.tandem.metrics.LatencyRecorder} and {@link io.tandem.metrics.WorkCount}.
 */
package io.tandem.metrics;
