package io.tandem.cli;

import com.amazonaws.auth.AWSStaticCredentialsProvider;
import com.amazonaws.auth.BasicAWSCredentials;
import com.amazonaws.client.builder.AwsClientBuilder.EndpointConfiguration;
import com.amazonaws.services.s3.AmazonS3;
import com.amazonaws.services.s3.AmazonS3ClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * A server of S3 on 127.0.0.1, S3Proxy in a JVM of its own, which keeps objects in its memory. It
 * knows one pair of keys and refuses all others.
 */
final class S3Server implements AutoCloseable {

  static final String KEY = "tandem-key";
  static final String SECRET = "planted-s3-secret";

  private final Process process;
  private final int port;
  private final Path log;

  private S3Server(Process process, int port, Path log) {
    this.process = process;
    this.port = port;
    this.log = log;
  }

  /** Starts a server with {@code buckets} and waits until it answers. */
  static S3Server start(Path folder, String... buckets) {
    try {
      int port;
      try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        port = free.getLocalPort();
      }
      Path settings = folder.resolve("s3proxy.conf");
      Files.write(
          settings,
          List.of(
              "s3proxy.endpoint=http://127.0.0.1:" + port,
              "s3proxy.authorization=aws-v2-or-v4",
              "s3proxy.identity=" + KEY,
              "s3proxy.credential=" + SECRET,
              // Not files: of a key and one below it, only one can be a file.
              "jclouds.provider=transient",
              "jclouds.identity=x",
              "jclouds.credential=x"));
      Path log = folder.resolve("s3proxy.log");
      Path jar =
          Path.of(System.getProperty("basedir", ""))
              .toAbsolutePath()
              .resolve("target/s3/s3proxy.jar");
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin/java").toString(),
                  "-Xmx512m",
                  "-XX:TieredStopAtLevel=1",
                  "-jar",
                  jar.toString(),
                  "--properties",
                  settings.toString())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      S3Server server = new S3Server(process, port, log);
      server.await();
      server.make(List.of(buckets));
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void make(List<String> buckets) {
    AmazonS3 client =
        AmazonS3ClientBuilder.standard()
            .withEndpointConfiguration(
                new EndpointConfiguration("http://127.0.0.1:" + port, "us-east-1"))
            .withPathStyleAccessEnabled(true)
            .withCredentials(new AWSStaticCredentialsProvider(new BasicAWSCredentials(KEY, SECRET)))
            .build();
    buckets.forEach(client::createBucket);
    client.shutdown();
  }

  private void await() throws IOException {
    for (int look = 0; look < 3000; look++) {
      try {
        new Socket(InetAddress.getLoopbackAddress(), port).close();
        return;
      } catch (IOException e) {
        if (!process.isAlive()) {
          break;
        }
      }
      try {
        TimeUnit.MILLISECONDS.sleep(50);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        break;
      }
    }
    close();
    throw new AssertionError("S3Proxy did not come up: " + Files.readString(log));
  }

  /** Returns the settings of Spark for this server; bucket {@code denied} gets the wrong secret. */
  Map<String, String> settings() {
    Map<String, String> settings = new TreeMap<>();
    settings.put("spark.hadoop.fs.s3a.endpoint", "http://127.0.0.1:" + port);
    settings.put("spark.hadoop.fs.s3a.endpoint.region", "us-east-1");
    settings.put("spark.hadoop.fs.s3a.path.style.access", "true");
    settings.put("spark.hadoop.fs.s3a.connection.ssl.enabled", "false");
    settings.put("spark.hadoop.fs.s3a.access.key", KEY);
    settings.put("spark.hadoop.fs.s3a.secret.key", SECRET);
    settings.put("spark.hadoop.fs.s3a.bucket.denied.secret.key", "wrong");
    settings.put(
        "spark.hadoop.fs.s3a.aws.credentials.provider",
        "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider");
    settings.put("spark.hadoop.fs.s3a.attempts.maximum", "2");
    settings.put("spark.hadoop.fs.s3a.retry.limit", "2");
    settings.put("spark.hadoop.fs.s3a.retry.interval", "50ms");
    settings.put("spark.hadoop.fs.s3a.threads.max", "16");
    settings.put("spark.hadoop.fs.s3a.impl", "io.tandem.fault.FaultS3A");
    settings.put("spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version", "1");
    return settings;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
