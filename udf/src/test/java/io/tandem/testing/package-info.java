/**
 * What tests of several packages share: readers of golden files.
 *
 * <p>Knows no other package of Tandem. Start at {@link io.tandem.testing.NpzFile}.
 */
package io.tandem.testing;
