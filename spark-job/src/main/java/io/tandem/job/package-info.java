/**
 * What the commands do, without parsing and printing: settings in, immutable result out.
 *
 * <p>Knows neither flags nor terminals. Start at the job named after the command; for a training at
 * {@link io.tandem.job.TrainingRun}, for the demo pack at {@link io.tandem.job.DemoRecipe}.
 */
package io.tandem.job;
