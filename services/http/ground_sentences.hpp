#pragma once

#include "services/http/messages.hpp"

namespace diaban::services::http {

/// What is said of rasters, terrain and water.
inline constexpr Sentence ground_sentences[] = {
    {"bad-direction", "Mã hướng dòng chảy lạ", "Unknown flow direction",
     "Ô ở cột {column}, hàng {row} có mã {code}. Chấp nhận: {accepted}.",
     "The cell in column {column}, row {row} has code {code}. Accepted: {accepted}."},
    {"circular-flow", "Dòng chảy quay vòng", "Circular flow",
     "Nước từ ô ở cột {column}, hàng {row} chảy trở về chính ô đó.",
     "Water from the cell in column {column}, row {row} returns to it."},
    {"depression", "Còn chỗ trũng", "A depression is left",
     "Nước không ra khỏi được ô ở cột {column}, hàng {row}: hãy lấp trũng trước.",
     "Water cannot leave the cell in column {column}, row {row}: fill depressions first."},
    {"outside-raster", "Ngoài phạm vi ảnh", "Outside the raster",
     "Tệp {file} có {columns} × {rows} ô và {bands} kênh; phần được hỏi nằm ngoài.",
     "File {file} has {columns} × {rows} cells and {bands} bands; what was asked lies outside."},
    {"too-many-cells", "Quá nhiều ô", "Too many cells", "Có {cells} ô; tối đa {accepted}.",
     "There are {cells} cells; at most {accepted}."},
};

} // namespace diaban::services::http
