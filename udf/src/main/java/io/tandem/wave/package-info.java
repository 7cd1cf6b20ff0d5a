/**
 * Which samples are made together: labels by index, batches, waves.
 *
 * <p>Knows neither Spark nor files; the order of samples depends on nothing but the run's settings.
 * Start at {@link io.tandem.wave.SampleBatches}.
 */
package io.tandem.wave;
