/**
 * Labelled square pictures to train on: drawn shapes, and folders of class folders; and the
 * pictures in sample files of other tools.
 *
 * <p>Knows no tensors, no engine and no training, and needs no display and no fonts. Start at
 * {@link io.tandem.dataset.LabelledImages}.
 */
package io.tandem.dataset;
