/**
 * What the commands do, without parsing and printing: settings in, immutable result out.
 *
 * <p>Knows neither flags nor terminals. Start at the job named after the command.
 */
package io.tandem.job;
