package io.tandem.table;

import java.io.Serializable;

/**
 * A file to check.
 *
 * @param samples those of the wave
 * @param folder the folder of the run
 */
record FileTask(TableName table, int wave, SampleRange samples, WrittenFile file, String folder)
    implements Serializable {

  /** Returns the path of the file relative to the run. */
  String path() {
    return table.folder(wave) + "/" + file.name();
  }
}
