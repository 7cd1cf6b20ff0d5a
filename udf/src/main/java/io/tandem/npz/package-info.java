/**
 * Arrays with names in NumPy's {@code .npz} files, the format in which traces, tokens and reference
 * statistics leave and enter.
 *
 * <p>Knows nothing of what the arrays mean. Start at {@link io.tandem.npz.NpzWriter}.
 */
package io.tandem.npz;
