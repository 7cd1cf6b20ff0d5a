package io.tandem.table;

import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;

/** The file system settings of a session on their way to tasks. Must not be changed. */
final class HadoopSettings implements Serializable {

  private static final long serialVersionUID = 1L;

  private transient Configuration settings;

  private HadoopSettings(Configuration settings) {
    this.settings = settings;
  }

  static HadoopSettings of(SparkSession session) {
    return new HadoopSettings(session.sparkContext().hadoopConfiguration());
  }

  Configuration get() {
    return settings;
  }

  private void writeObject(ObjectOutputStream out) throws IOException {
    out.defaultWriteObject();
    settings.write(out);
  }

  private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
    in.defaultReadObject();
    settings = new Configuration(false);
    settings.readFields(in);
  }
}
