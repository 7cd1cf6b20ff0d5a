/**
 * Pictures of a run in the forms that other programs read: npz, PNG files, WebDataset.
 *
 * <p>Takes rows in the order of their samples and holds one at a time. Knows neither runs nor
 * Parquet, and writes to local disks alone. Start at {@link io.tandem.export.PictureWriter}.
 */
package io.tandem.export;
