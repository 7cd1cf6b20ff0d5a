package io.tandem.export;

import static io.tandem.base.Checks.check;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tandem.table.PictureRow;
import io.tandem.table.SampleKey;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * A folder of {@code images-000000.tar}, {@code images-000001.tar} and so on, as WebDataset reads
 * them. Of each sample there are {@code KEY.png}, {@code KEY.cls} (the class) and {@code KEY.json}
 * (what else the table says of it), where the key is the index of the sample.
 *
 * @see <a href="https://github.com/webdataset/webdataset">WebDataset: files of a sample follow each
 *     other and share what is before the first dot</a>
 */
final class TarShards implements PictureWriter {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final StagedPlace folder;
  private final int shardPictures;
  private Optional<TarFile> shard = Optional.empty();
  private int shards;
  private int inShard;

  private TarShards(StagedPlace folder, int shardPictures) {
    this.folder = folder;
    this.shardPictures = shardPictures;
  }

  static TarShards create(Path place, int shardPictures) {
    check(
        shardPictures >= 1,
        "Cannot make shards of %d pictures (1 or more). Correct --shard-images.",
        shardPictures);
    return new TarShards(StagedPlace.create(place), shardPictures);
  }

  @Override
  public void write(PictureRow picture) {
    try {
      if (inShard == shardPictures) {
        endShard();
      }
      if (shard.isEmpty()) {
        String name = String.format(Locale.ROOT, "images-%06d.tar", shards++);
        shard = Optional.of(TarFile.create(folder.path(name)));
      }
      String key = SampleName.key(picture.sample());
      TarFile tar = shard.get();
      tar.add(key + ".png", picture.png());
      tar.add(key + ".cls", ascii(String.valueOf(picture.sample().classId())));
      tar.add(key + ".json", json(picture));
      inShard++;
    } catch (IOException e) {
      throw folder.failure(e);
    }
  }

  private void endShard() throws IOException {
    if (shard.isPresent()) {
      try (TarFile tar = shard.get()) {
        tar.finish();
      }
    }
    shard = Optional.empty();
    inShard = 0;
  }

  private static byte[] json(PictureRow picture) throws JsonProcessingException {
    SampleKey sample = picture.sample();
    ObjectNode json = JSON.createObjectNode();
    json.put("sample_index", sample.sampleIndex());
    json.put("class_id", sample.classId());
    sample.className().ifPresent(name -> json.put("class_name", name));
    json.put("run_id", picture.runId());
    json.put("seed", new BigInteger(Long.toUnsignedString(picture.seed())));
    json.put("width", picture.picture().width());
    json.put("height", picture.picture().height());
    json.put("pixels_sha256", picture.picture().pixelsSha256());
    picture.tokensSha256().ifPresent(digest -> json.put("tokens_sha256", digest));
    return JSON.writeValueAsString(json).getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public void commit() {
    try {
      endShard();
    } catch (IOException e) {
      throw folder.failure(e);
    }
    folder.commit();
  }

  @Override
  public void close() {
    try (folder) {
      if (shard.isPresent()) {
        shard.get().close();
      }
    } catch (IOException e) {
      throw folder.failure(e);
    }
  }
}
