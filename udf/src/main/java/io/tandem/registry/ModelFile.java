package io.tandem.registry;

/**
 * Weights that are to be loaded.
 *
 * @param name what messages call the model
 * @param location a file of this host, {@code random:DEPTH}, {@code demo:NAME}, or {@code random}
 *     or {@code demo} for a tokeniser
 * @param sha256 digest that the weights must have, 64 lower-case hexadecimal digits
 */
public record ModelFile(String name, String location, String sha256) {}
