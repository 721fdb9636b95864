#pragma once

#include "services/http/messages.hpp"

namespace diaban::services::http {

/// What is said of tiles in files.
inline constexpr Sentence archive_sentences[] = {
    {"archive-coding", "Cách nén không đọc được", "Coding not accepted",
     "Ô bản đồ của “{name}” được nén theo {value}, cách nén mà bên nhận không chấp nhận.",
     "Tiles of “{name}” are coded by {value}, which the client does not accept."},
    {"archive-form", "Không có ô bản đồ dạng này", "No tiles of this form",
     "Kho ô bản đồ “{name}” chỉ có dạng {accepted}.", "The archive “{name}” has {accepted} alone."},
    {"archive-unreadable", "Không đọc được kho ô bản đồ", "Archive cannot be read",
     "Kho ô bản đồ này bị hỏng hoặc không đọc được.",
     "This archive of tiles is damaged, or cannot be read."},
    {"bad-archive", "Không phải kho ô bản đồ dùng được", "No usable archive of tiles",
     "Tệp này không dùng được làm kho ô bản đồ: {reason}.",
     "This file is no archive of tiles that can be used: {reason}."},
    {"nothing-to-seed", "Không có gì để ghi", "Nothing to seed",
     "Không có ô bản đồ nào: hãy chọn lớp, mức thu phóng hoặc vùng khác.",
     "There are no tiles: choose other collections, zooms or another area."},
    {"seed-busy", "Đang được ghi", "Being made already", "Một tiến trình khác đang ghi “{name}”.",
     "Another process is making “{name}”."},
    {"too-many-tiles", "Quá nhiều ô bản đồ", "Too many tiles",
     "Nhiều hơn {accepted} ô: hãy bớt mức thu phóng hoặc thu hẹp vùng.",
     "More than {accepted} tiles: choose fewer zooms or a smaller area."},
    {"unknown-archive", "Không có kho ô bản đồ", "No such archive",
     "Không có kho ô bản đồ “{name}”.", "There is no archive of tiles “{name}”."},
};

} // namespace diaban::services::http
