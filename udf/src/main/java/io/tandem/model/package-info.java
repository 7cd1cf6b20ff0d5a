/**
 * What a model is, in numbers: architectures, scale schedules, precisions and devices as records.
 *
 * <p>Holds no tensors and reads no files. Start at {@link io.tandem.model.VarConfig}.
 */
package io.tandem.model;
