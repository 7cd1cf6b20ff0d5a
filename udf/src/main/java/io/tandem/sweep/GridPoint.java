package io.tandem.sweep;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A point of a grid.
 *
 * @param name that a folder can have; no other point has it
 * @param settings values of the options that the point sets, by their names, in order
 */
public record GridPoint(String name, Map<String, List<String>> settings) {

  public GridPoint {
    settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
  }
}
