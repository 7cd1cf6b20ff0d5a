package io.tandem.train;

import java.util.Map;

/**
 * What one step computed.
 *
 * @param loss what was minimised
 * @param parts its parts by name, in a fixed order: cross-entropy of each scale, for example
 * @param images how many images the step saw
 */
public record StepLoss(double loss, Map<String, Double> parts, int images) {}
