/**
 * What this machine can do: devices, precisions worth using, free memory, product rates.
 *
 * <p>Knows the kernels but no model and no Spark. Start at {@link io.tandem.engine.Machine}.
 */
package io.tandem.engine;
