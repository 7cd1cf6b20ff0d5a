package io.tandem.run;

import java.util.List;

/**
 * How much some files are together, whatever their order.
 *
 * @param count how many
 * @param bytes their lengths added up
 * @param names the hash codes of their names added up, by which others of the same number and
 *     length are told apart
 */
record FileTotal(long count, long bytes, long names) {

  static final FileTotal NONE = new FileTotal(0, 0, 0);

  static FileTotal of(String name, long bytes) {
    return new FileTotal(1, bytes, name.hashCode());
  }

  static FileTotal of(List<DataFile> files) {
    return files.stream().map(file -> of(file.name(), file.bytes())).reduce(NONE, FileTotal::plus);
  }

  FileTotal plus(FileTotal other) {
    return new FileTotal(count + other.count, bytes + other.bytes, names + other.names);
  }
}
