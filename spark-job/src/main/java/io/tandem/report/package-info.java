/**
 * Results as text, charts and pages for people.
 *
 * <p>Computes nothing but layout. Start at the class named after the result; charts are at {@link
 * io.tandem.report.Chart}.
 */
package io.tandem.report;
