// Zip archives: the part of the format that numpy.savez and savez_compressed write, and no more.
//
// From the end: the end record (which may send to a zip64 end record) tells where the central directory lies; its
// entries tell each member's sizes, checksum and local header. The local header repeats name and method; what else it
// repeats is not used. Source: PKWARE APPNOTE 4.3
#include "npz/zip.h"

#include <zlib.h>

#include <algorithm>

#include "io/byte_cursor.h"

namespace rondo::importers {

namespace {

constexpr uint32_t kLocalMagic = 0x04034b50, kDirectoryMagic = 0x02014b50, kEndMagic = 0x06054b50,
                   kEnd64Magic = 0x06064b50, kLocator64Magic = 0x07064b50;
constexpr uint64_t kEndBytes = 22, kLocatorBytes = 20, kLocalBytes = 30;
constexpr uint64_t kDeflateExpansion = 1032;

struct Directory {
  uint64_t members = 0, bytes = 0, offset = 0;
  uint64_t end = 0;  // where it must end
};

Directory read_directory64(const FileBytes& file, uint64_t end_record) {
  const std::string what = "zip64 end record of " + file.path();
  if (end_record < kLocatorBytes) refuse(what, ": is missing");
  std::string locator_bytes = file.read(end_record - kLocatorBytes, kLocatorBytes, what);
  ByteCursor locator(locator_bytes, what);
  if (locator.u32() != kLocator64Magic) refuse(what, ": is missing");
  locator.u32();
  Directory directory;
  directory.end = locator.u64();
  std::string bytes = file.read(directory.end, 56, what);
  ByteCursor cursor(bytes, what);
  if (cursor.u32() != kEnd64Magic) refuse(what, ": is damaged");
  cursor.take(28);
  directory.members = cursor.u64();
  directory.bytes = cursor.u64();
  directory.offset = cursor.u64();
  return directory;
}

Directory find_directory(const FileBytes& file) {
  const std::string what = "end record of " + file.path();
  if (file.size() < kEndBytes) refuse(what, ": is missing, the file is cut");
  uint64_t tail_bytes = std::min<uint64_t>(file.size(), kEndBytes + 0xffff);
  std::string tail = file.read(file.size() - tail_bytes, tail_bytes, what);
  for (size_t at = tail.size() - kEndBytes + 1; at-- > 0;) {
    ByteCursor cursor(std::string_view(tail).substr(at), what);
    if (cursor.u32() != kEndMagic) continue;
    Directory directory;
    uint32_t disks = cursor.u32();
    uint16_t here = cursor.u16();
    directory.members = cursor.u16();
    directory.bytes = cursor.u32();
    directory.offset = cursor.u32();
    if (cursor.u16() != cursor.left()) continue;
    directory.end = file.size() - tail_bytes + at;
    bool is_wide = directory.members == 0xffff || directory.bytes == 0xffffffffu || directory.offset == 0xffffffffu;
    if (is_wide) return read_directory64(file, directory.end);
    if (disks != 0 || here != directory.members) refuse(what, ": is damaged, or the archive has several parts");
    return directory;
  }
  refuse(what, ": is missing, the file is cut or damaged");
}

// Sizes and offset that did not fit 32 bits, from the zip64 extra field.
void widen(ZipMember& member, std::string_view extra, const std::string& what) {
  ByteCursor fields(extra, what);
  while (fields.left() >= 4) {
    uint16_t id = fields.u16();
    std::string_view body = fields.take(fields.u16());
    if (id != 1) continue;
    ByteCursor wide(body, what);
    if (member.bytes == 0xffffffffu) member.bytes = wide.u64();
    if (member.packed_bytes == 0xffffffffu) member.packed_bytes = wide.u64();
    if (member.local_header == 0xffffffffu) member.local_header = wide.u64();
  }
}

ZipMember read_member(ByteCursor& cursor, const std::string& what) {
  if (cursor.u32() != kDirectoryMagic) refuse(what, ": is damaged");
  cursor.take(4);
  uint16_t flags = cursor.u16();
  ZipMember member;
  member.method = cursor.u16();
  cursor.take(4);
  member.checksum = cursor.u32();
  member.packed_bytes = cursor.u32();
  member.bytes = cursor.u32();
  uint16_t name_bytes = cursor.u16(), extra_bytes = cursor.u16(), comment_bytes = cursor.u16();
  cursor.take(8);
  member.local_header = cursor.u32();
  member.name = cursor.take(name_bytes);
  widen(member, cursor.take(extra_bytes), what);
  cursor.take(comment_bytes);
  if (flags & 1) refuse(what, ": member ", in_quotes(member.name), " is encrypted");
  if (member.method != 0 && member.method != 8) {
    refuse(what, ": member ", in_quotes(member.name), " is compressed by method ", member.method,
           ", not stored (0) or deflated (8)");
  }
  return member;
}

std::string inflate_member(const std::string& packed, const ZipMember& member, const std::string& what) {
  if (member.bytes / kDeflateExpansion > packed.size())
    refuse(what, ": says it inflates to ", member.bytes, " bytes, which it cannot");
  std::string out(static_cast<size_t>(member.bytes), '\0');
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) refuse(what, ": zlib does not start");
  // Sizes of zlib are 32 bits wide, so both sides go piece by piece.
  constexpr uint64_t kPiece = 1u << 30;
  uint64_t in_left = packed.size(), out_left = out.size();
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  Bytef nothing = 0;
  stream.next_out = out.empty() ? &nothing : reinterpret_cast<Bytef*>(out.data());
  int status = Z_OK;
  while (status == Z_OK) {
    auto in = static_cast<uInt>(std::min(in_left, kPiece)), room = static_cast<uInt>(std::min(out_left, kPiece));
    stream.avail_in = in;
    stream.avail_out = room;
    status = inflate(&stream, Z_NO_FLUSH);
    in_left -= in - stream.avail_in;
    out_left -= room - stream.avail_out;
  }
  inflateEnd(&stream);
  if (status != Z_STREAM_END || in_left != 0 || out_left != 0) refuse(what, ": its deflated data is damaged");
  return out;
}

uint32_t zip_checksum(const std::string& bytes) {
  return static_cast<uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

}  // namespace

std::vector<ZipMember> read_zip_directory(const FileBytes& file) {
  const std::string what = "central directory of " + file.path();
  Directory directory = find_directory(file);
  if (add_sizes(directory.offset, directory.bytes, what) != directory.end)
    refuse(what, ": does not end where the end record begins");
  std::string bytes = file.read(directory.offset, directory.bytes, what);
  ByteCursor cursor(bytes, what);
  std::vector<ZipMember> members;
  uint64_t total = 0;
  while (!cursor.at_end()) {
    members.push_back(read_member(cursor, what));
    total = add_sizes(total, add_sizes(members.back().packed_bytes, kLocalBytes, what), what);
  }
  if (members.size() != directory.members)
    refuse(what, ": has ", members.size(), " members, the end record says ", directory.members);
  if (total > directory.offset) refuse(what, ": its members are longer than the file");
  return members;
}

std::string read_zip_member(const FileBytes& file, const ZipMember& member) {
  const std::string what = "member " + in_quotes(member.name) + " of " + file.path();
  std::string header = file.read(member.local_header, kLocalBytes, what);
  ByteCursor cursor(header, what);
  if (cursor.u32() != kLocalMagic) refuse(what, ": its header is damaged");
  cursor.take(4);
  if (cursor.u16() != member.method) refuse(what, ": its header does not match the directory");
  cursor.take(16);
  uint64_t name_bytes = cursor.u16(), extra_bytes = cursor.u16();
  uint64_t name_at = member.local_header + kLocalBytes;
  if (file.read(name_at, name_bytes, what) != member.name) refuse(what, ": its header has another name");
  std::string contents = file.read(name_at + name_bytes + extra_bytes, member.packed_bytes, what);
  if (member.method == 8) contents = inflate_member(contents, member, what);
  if (contents.size() != member.bytes) refuse(what, ": says ", member.bytes, " bytes and has ", contents.size());
  if (zip_checksum(contents) != member.checksum) refuse(what, ": its checksum does not match, it is damaged");
  return contents;
}

}  // namespace rondo::importers
