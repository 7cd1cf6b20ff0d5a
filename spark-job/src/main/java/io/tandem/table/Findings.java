package io.tandem.table;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/** The first findings of some place, and how many there were. Not thread-safe. */
final class Findings implements Serializable {

  private static final long serialVersionUID = 1L;

  private final int limit;
  private final ArrayList<Finding> first = new ArrayList<>();
  private long total;

  Findings(int limit) {
    this.limit = limit;
  }

  void add(Finding finding) {
    total++;
    if (first.size() < limit) {
      first.add(finding);
    }
  }

  void addAll(Findings others) {
    others.first.forEach(this::add);
    total += others.total - others.first.size();
  }

  List<Finding> first() {
    return List.copyOf(first);
  }

  long total() {
    return total;
  }
}
