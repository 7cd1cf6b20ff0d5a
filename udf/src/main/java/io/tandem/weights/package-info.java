/**
 * Checkpoints: finds tensors in files of several formats, tells what architecture they belong to,
 * and hands out their numbers one tensor at a time.
 *
 * <p>Knows nothing of libtorch and runs nothing that a file contains. Start at {@link
 * io.tandem.weights.WeightSource}, then {@link io.tandem.weights.WeightFiles} and {@link
 * io.tandem.weights.VarCheckpoint}.
 */
package io.tandem.weights;
