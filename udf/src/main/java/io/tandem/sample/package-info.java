/**
 * How tokens are drawn: filters per scale, and the random words that make each sample its own.
 *
 * <p>Knows no tensors; the drawing itself is a kernel. Start at {@link
 * io.tandem.sample.SamplingConfig}.
 */
package io.tandem.sample;
