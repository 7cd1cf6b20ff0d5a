/**
 * The folder of a run on any Hadoop file system, save the Parquet files in it: manifest, records of
 * committed waves, lock, status; the waves themselves and the memory that they need.
 *
 * <p>Knows neither Spark nor the models. Start at {@link io.tandem.run.RunFolder}.
 */
package io.tandem.run;
