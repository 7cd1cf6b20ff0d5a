/**
 * Parquet tables that Tandem reads and writes, as other packages want to see them.
 *
 * <p>Tables of pictures are read by Spark, which knows every file system, partition layout and
 * codec. The table of a training run is written without it: a few hundred rows at each checkpoint
 * of a process that has better uses for its two cores than a running Spark session. Knows neither
 * models nor the command line. Start at {@link io.tandem.table.ParquetImages} and {@link
 * io.tandem.table.TrainTable}.
 */
package io.tandem.table;
