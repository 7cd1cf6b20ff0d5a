package io.tandem.job;

import io.tandem.model.DeviceSpec;
import io.tandem.model.Precision;

/**
 * Where a training runs, and with what products.
 *
 * @param device where tensors live
 * @param precision of matrix products and convolutions; weights, gradients and moments are float32
 */
public record TrainingPlace(DeviceSpec device, Precision precision) {}
