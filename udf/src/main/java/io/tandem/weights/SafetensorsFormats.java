package io.tandem.weights;

import io.tandem.model.NumberFormat;
import java.util.Optional;

/** Names of number formats in safetensors headers. */
final class SafetensorsFormats {

  static final String NAMES = "U8, I32, I64, F16, BF16, F32, F64";

  private SafetensorsFormats() {}

  static Optional<NumberFormat> format(String name) {
    return Optional.ofNullable(
        switch (name) {
          case "U8" -> NumberFormat.UINT8;
          case "I32" -> NumberFormat.INT32;
          case "I64" -> NumberFormat.INT64;
          case "F16" -> NumberFormat.FLOAT16;
          case "BF16" -> NumberFormat.BFLOAT16;
          case "F32" -> NumberFormat.FLOAT32;
          case "F64" -> NumberFormat.FLOAT64;
          default -> null;
        });
  }

  static String name(NumberFormat format) {
    return switch (format) {
      case UINT8 -> "U8";
      case INT32 -> "I32";
      case INT64 -> "I64";
      case FLOAT16 -> "F16";
      case BFLOAT16 -> "BF16";
      case FLOAT32 -> "F32";
      case FLOAT64 -> "F64";
    };
  }
}
