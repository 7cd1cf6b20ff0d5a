/**
 * The loop that turns labels into images: every plan, one code path.
 *
 * <p>Knows models, plans and samplers, but neither files of images nor Spark nor the command line.
 * Start at {@link io.tandem.generate.BranchingGenerator}.
 */
package io.tandem.generate;
