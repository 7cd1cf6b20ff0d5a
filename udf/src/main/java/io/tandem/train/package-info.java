/**
 * Training: what a run says about its steps.
 *
 * <p>Knows no files, no tables and no command line. Start at {@link io.tandem.train.TrainingLog}.
 */
package io.tandem.train;
