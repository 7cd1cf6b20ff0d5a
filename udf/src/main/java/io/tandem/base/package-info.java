/**
 * What every package may use: the two families of errors and the checks that raise them.
 *
 * <p>Knows nobody. Start at {@link io.tandem.base.UserError}.
 */
package io.tandem.base;
