package io.tandem.executor;

import io.tandem.wave.Wave;

/**
 * What a task decodes.
 *
 * @param group runs that it is for
 * @param wave samples that are wanted
 * @param shape of the rows
 */
record DecodeWork(GenerateGroup group, Wave wave, RowShape shape) {}
