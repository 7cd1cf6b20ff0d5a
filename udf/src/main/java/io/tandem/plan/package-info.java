/**
 * Who decodes which scale, how strongly each scale is guided, and what memory that takes.
 *
 * <p>Values only: knows neither tensors nor the loop that follows a plan. Start at {@link
 * io.tandem.plan.DecodePlan}.
 */
package io.tandem.plan;
