package io.tandem.report;

/**
 * What a chart says in words.
 *
 * @param title what it shows
 * @param description what those who do not see it should know
 * @param x title of the horizontal axis, with the unit
 * @param y title of the vertical axis, with the unit
 */
public record ChartText(String title, String description, String x, String y) {}
