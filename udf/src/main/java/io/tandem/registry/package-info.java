/**
 * The models of this JVM: one copy of each per device, loaded once and lent to whoever decodes.
 *
 * <p>Knows models and devices, but neither Spark nor where files come from. Start at {@link
 * io.tandem.registry.ModelRegistry}.
 */
package io.tandem.registry;
