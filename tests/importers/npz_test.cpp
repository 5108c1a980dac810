#include <gtest/gtest.h>
#include <zlib.h>

#include "importers/files.h"

namespace rondo::importers {
namespace {

std::string little(uint64_t value, int bytes) {
  std::string out;
  for (int k = 0; k < bytes; ++k) out += static_cast<char>(k < 8 ? value >> (8 * k) : 0);
  return out;
}

std::string npy(const std::string& descr, const std::string& shape, const std::string& data, int version = 1,
                bool fortran = false) {
  std::string text =
      "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " + shape + ", }";
  text.resize((text.size() + 11 + 63) / 64 * 64 - 11, ' ');
  text += '\n';
  return std::string("\x93NUMPY") + static_cast<char>(version) + '\0' + little(text.size(), version == 1 ? 2 : 4) +
         text + data;
}

std::string deflated(const std::string& bytes) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string zip(const std::vector<std::pair<std::string, std::string>>& members, bool deflate) {
  std::string out, directory;
  for (const auto& [name, bytes] : members) {
    std::string packed = deflate ? deflated(bytes) : bytes;
    uint32_t crc =
        static_cast<uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
    // numpy writes the local header with a zip64 field, the directory without.
    std::string numbers = little(deflate ? 8 : 0, 2) + little(0, 4) + little(crc, 4);
    directory += little(0x02014b50, 4) + little(20, 2) + little(20, 2) + little(0, 2) + numbers +
                 little(packed.size(), 4) + little(bytes.size(), 4) + little(name.size(), 2) + little(0, 12) +
                 little(out.size(), 4) + name;
    out += little(0x04034b50, 4) + little(45, 2) + little(0, 2) + numbers + little(0xffffffff, 4) +
           little(0xffffffff, 4) + little(name.size(), 2) + little(20, 2) + name + little(1, 2) + little(16, 2) +
           little(bytes.size(), 8) + little(packed.size(), 8) + packed;
  }
  std::string end = little(0x06054b50, 4) + little(0, 4) + little(members.size(), 2) + little(members.size(), 2) +
                    little(directory.size(), 4) + little(out.size(), 4) + little(0, 2);
  return out + directory + end;
}

std::vector<std::pair<std::string, std::string>> sample() {
  return {{"w.npy", npy("<f4", "(2, 2)",
                        little(0x3f800000, 4) + little(0x40000000, 4) + little(0x40400000, 4) + little(0x40800000, 4))},
          {"enc/step.npy", npy("<i8", "()", little(7, 8), 2)},
          {"half.npy", npy("<f2", "(2,)", little(0x3c00, 2) + little(0xc000, 2), 3)}};
}

TEST(Npz, ReadsStoredAndDeflatedMembers) {
  for (bool deflate : {false, true}) {
    ScratchFolder folder;
    auto file = open_any(folder.write("weights.npz", zip(sample(), deflate)));
    EXPECT_EQ(file->format(), WeightFormat::kNpz);
    WeightMap weights = load_weights(*file);
    ASSERT_EQ(weights.size(), 3u);
    EXPECT_EQ(weights.items()[0].first, "w");
    EXPECT_EQ(weights.at("w"), counting({2, 2}, 1));
    EXPECT_EQ(weights.at("enc/step").type, ElementType::kI64);
    EXPECT_EQ(weights.at("half").floats("half"), (std::vector<float>{1, -2}));
  }
}

TEST(Npy, ReadsEveryTypeAndOrder) {
  const std::pair<std::string, ElementType> types[] = {
      {"<f2", ElementType::kF16}, {"<f4", ElementType::kF32}, {"<f8", ElementType::kF64},
      {"|i1", ElementType::kI8},  {"<i2", ElementType::kI16}, {"<i4", ElementType::kI32},
      {"<i8", ElementType::kI64}, {"|u1", ElementType::kU8},  {"|b1", ElementType::kBool}};
  ScratchFolder folder;
  for (const auto& [descr, type] : types) {
    std::string data(static_cast<size_t>(2 * bytes_of(type)), '\1');
    WeightMap weights = load_weights(folder.write("x.npy", npy(descr, "(2,)", data)));
    EXPECT_EQ(weights.at("x"), of_bytes(type, {2}, data)) << descr;
  }
  // [[1, 2, 3], [4, 5, 6]] column by column, and in big-endian.
  std::string columns, big;
  for (float value : {1.f, 4.f, 2.f, 5.f, 3.f, 6.f}) columns.append(reinterpret_cast<const char*>(&value), 4);
  for (size_t i = 0; i < columns.size(); ++i) big += columns[i / 4 * 4 + 3 - i % 4];
  EXPECT_EQ(load_weights(folder.write("x.npy", npy("<f4", "(2, 3)", columns, 1, true))).at("x"), counting({2, 3}, 1));
  EXPECT_EQ(load_weights(folder.write("x.npy", npy(">f4", "(2, 3)", big, 1, true))).at("x"), counting({2, 3}, 1));
}

TEST(Npz, DamageIsNoticedOrHarmless) {
  for (bool deflate : {false, true}) {
    ScratchFolder folder;
    std::string bytes = zip(sample(), deflate);
    std::string path = folder.write("w.npz", bytes);
    std::vector<WeightMap::Item> expected = load_weights(path).items();
    // Names, times and version numbers are under no checksum; elements are.
    flip_every_byte(
        bytes, [&](const std::string& variant) { folder.write("w.npz", variant); }, [&] { load_weights(path); },
        [&] {
          std::vector<WeightMap::Item> found = load_weights(path).items();
          return found.size() == 3 && found[0].second == expected[0].second && found[2].second == expected[2].second;
        });
  }
}

TEST(Npz, RefusesWhatItCannotRead) {
  ScratchFolder folder;
  auto refusal = [&](const std::string& bytes) {
    return message_of([&] { load_weights(folder.write("x.npz", bytes)); });
  };
  EXPECT_NE(refusal(zip({{"archive/data.pkl", "x"}}, false)).find("pickle"), std::string::npos);
  EXPECT_NE(refusal(zip({{"a.npy", npy("|O", "(2,)", "12")}}, false)).find("'|O'"), std::string::npos);
  EXPECT_NE(refusal(zip({{"a.npy", npy("<f4", "(9000000000, 9000000000)", "12")}}, true)).find("'a.npy'"),
            std::string::npos);
  EXPECT_NE(refusal(zip({{"a.npy", npy("<f4", "(2,)", "12")}}, true)).find("8 bytes, 2 are there"), std::string::npos);
  EXPECT_NE(refusal("\x89HDF\r\n\x1a\n.........").find("HDF5"), std::string::npos);
  EXPECT_NE(refusal("\x80\x02}q").find("pickle"), std::string::npos);
  EXPECT_NE(refusal("hello").find("no known format"), std::string::npos);
}

}  // namespace
}  // namespace rondo::importers
