/**
 * Parquet tables that Tandem reads and writes, as other packages want to see them.
 *
 * <p>Tables of pictures are read by Spark, which knows every file system, partition layout and
 * codec. The table of a training run is written without it: a few hundred rows at each checkpoint
 * of a process that has better uses for its two cores than a running Spark session. The tables of a
 * run that generates are written by Spark in waves, and read back file by file, because a check
 * must go on where Spark would stop.
 *
 * <p>Knows neither models nor the command line, nor what a record of a wave looks like on the disk.
 * Start at {@link io.tandem.table.WaveTables} and {@link io.tandem.table.RunTables} for runs, at
 * {@link io.tandem.table.ParquetImages} and {@link io.tandem.table.TrainTable} for training, and at
 * {@link io.tandem.table.RunSource} for what other programs on Spark get.
 */
package io.tandem.table;
