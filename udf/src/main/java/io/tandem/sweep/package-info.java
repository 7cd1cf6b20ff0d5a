/**
 * Grids of settings, and the work that points of a grid share.
 *
 * <p>Knows neither files nor Spark nor the command line. Start at {@link io.tandem.sweep.Grid} and
 * {@link io.tandem.sweep.SharedWork}.
 */
package io.tandem.sweep;
