#pragma once

#include <string>
#include <string_view>

namespace rondo::ir {

/// `text` in double quotes; quotes, backslashes and bytes outside printable ASCII become \" \\ \n \t \xHH.
std::string quoted(std::string_view text);
/// Reads a quoted text that starts at text[0] == '"'. Gives the number of characters read, 0 if it is malformed.
size_t parse_quoted(std::string_view text, std::string* result);

/// Length of the name at the start of `text`: a letter or '_', then letters, digits, '_' and '.'. 0 if there is none.
size_t plain_name_length(std::string_view text);
/// True if the whole text is such a name and can stand unquoted.
inline bool is_plain_name(std::string_view text) { return !text.empty() && plain_name_length(text) == text.size(); }

/// Two lower-case hex digits a byte.
void append_hex(const void* data, size_t size, std::string* out);
/// Value of a hex digit, -1 for any other character.
int hex_digit(char c);

}  // namespace rondo::ir
