/**
 * Results as text for people.
 *
 * <p>Computes nothing but layout. Start at the class named after the result.
 */
package io.tandem.report;
