#pragma once

#include "services/http/messages.hpp"

namespace diaban::services::http {

/// What is said of rasters, terrain and water.
inline constexpr Sentence ground_sentences[] = {
    {"bad-direction", "Mã hướng dòng chảy lạ", "Unknown flow direction",
     "Ô ở cột {column}, hàng {row} có mã {code}. Chấp nhận: {accepted}.",
     "The cell in column {column}, row {row} has code {code}. Accepted: {accepted}."},
    {"bad-scenario", "Kịch bản ngập không hợp lệ", "Bad flood scenario",
     "Phần {part} của kịch bản không dùng được. Chấp nhận: {accepted}.",
     "Part {part} of the scenario cannot be used. Accepted: {accepted}."},
    {"bad-classes", "Số lớp không hợp lệ", "Bad number of classes",
     "Không chia được thành {classes} lớp. Chấp nhận: {accepted}.",
     "Values cannot be broken into {classes} classes. Accepted: {accepted}."},
    {"bad-confidence", "Độ tin cậy không hợp lệ", "Bad confidence",
     "Độ tin cậy phải nằm trong {accepted}.", "The confidence must lie in {accepted}."},
    {"bad-horizon", "Số kỳ dự báo không hợp lệ", "Bad horizon",
     "Số kỳ dự báo phải nằm trong {accepted}.",
     "The number of periods ahead must lie in {accepted}."},
    {"circular-flow", "Dòng chảy quay vòng", "Circular flow",
     "Nước từ ô ở cột {column}, hàng {row} chảy trở về chính ô đó.",
     "Water from the cell in column {column}, row {row} returns to it."},
    {"coverage-lacks", "Tệp độ cao thiếu thông tin", "The raster does not say enough",
     "Tệp {file} không cho biết {part}. Hãy nêu, ví dụ: {accepted}.",
     "File {file} does not say its {part}. Say it, for example: {accepted}."},
    {"coverage-rubbish", "Tệp không phải độ cao", "Not heights of the Earth",
     "Tệp {file} có giá trị không thể là độ cao mặt đất: {value}. Chấp nhận: {accepted}.",
     "File {file} holds what cannot be a height of the Earth: {value}. Accepted: {accepted}."},
    {"crs-mismatch", "Khác hệ tọa độ", "Different CRSs",
     "Vùng dùng {zone}, lưới dùng {raster}: phải cùng một hệ.",
     "The zone is in {zone}, the raster in {raster}: they must be in one."},
    {"dam-break", "Không tính được sóng vỡ đập", "A dam break is beyond the method",
     "Ở cột {column}, hàng {row} mực nước hoặc mặt đất chênh {step} m: phương pháp bỏ qua quán "
     "tính "
     "đối lưu nên tính sai sóng vỡ đập. Chấp nhận: {accepted}.",
     "In column {column}, row {row} water or ground differs by {step} m: the method leaves out the "
     "advection of momentum and gets such a shock wrong. Accepted: {accepted}."},
    {"depression", "Còn chỗ trũng", "A depression is left",
     "Nước không ra khỏi được ô ở cột {column}, hàng {row}: hãy lấp trũng trước.",
     "Water cannot leave the cell in column {column}, row {row}: fill depressions first."},
    {"no-such-time", "Không có thời điểm này", "No such time",
     "Lớp ô lưới “{coverage}” chưa có gì ở thời điểm đó.",
     "Coverage “{coverage}” has nothing of that time yet."},
    {"no-ground", "Không có địa hình ở đây", "No ground here",
     "Lớp “{coverage}” không có dữ liệu tại vị trí này.",
     "Coverage “{coverage}” has no data at this position."},
    {"not-prepared", "Địa hình chưa được chuẩn bị", "Terrain not prepared",
     "Lớp “{coverage}” chưa được chuẩn bị. Hãy chạy quy trình terrain-prepare.",
     "Coverage “{coverage}” has not been prepared. Run the process terrain-prepare."},
    {"not-a-line", "Không phải đường hay điểm", "Not a line or point",
     "Hình phải là đường hoặc điểm. Chấp nhận: {accepted}.",
     "The geometry must be a line or points. Accepted: {accepted}."},
    {"not-a-polygon", "Không phải vùng", "Not a polygon",
     "Vùng phải là đa giác. Chấp nhận: {accepted}.",
     "A zone must be a polygon. Accepted: {accepted}."},
    {"outside-raster", "Ngoài phạm vi ảnh", "Outside the raster",
     "Tệp {file} có {columns} × {rows} ô và {bands} kênh; phần được hỏi nằm ngoài.",
     "File {file} has {columns} × {rows} cells and {bands} bands; what was asked lies outside."},
    {"short-series", "Chuỗi quá ngắn", "Series too short",
     "Chuỗi có {values} giá trị; dự báo cần ít nhất {accepted}.",
     "The series has {values} values; a forecast needs at least {accepted}."},
    {"supercritical", "Nước chảy xiết quá phạm vi phương pháp", "Water too fast for the method",
     "{share} lượng nước chảy nhanh hơn sóng của nó (số Froude tới {froude}); phương pháp chỉ đúng "
     "đến {accepted}.",
     "A share of {share} of the water moves faster than its waves (Froude numbers to {froude}); "
     "the "
     "method holds up to {accepted}."},
    {"too-many-values", "Quá nhiều giá trị", "Too many values",
     "Có {values} giá trị; tối đa {accepted}.", "There are {values} values; at most {accepted}."},
    {"unknown-indicator", "Không có chỉ tiêu này", "No such indicator",
     "Không có chỉ tiêu “{value}”.", "There is no indicator “{value}”."},
    {"unknown-place", "Không có đơn vị này", "No such unit",
     "Không có đơn vị hành chính mang mã “{value}” vào ngày đó.",
     "There is no unit of code “{value}” on that day."},
    {"too-many-cells", "Quá nhiều ô", "Too many cells", "Có {cells} ô; tối đa {accepted}.",
     "There are {cells} cells; at most {accepted}."},
    {"unknown-coverage", "Không có lớp ô lưới này", "No such coverage",
     "Không có lớp ô lưới “{coverage}”.", "There is no coverage “{coverage}”."},
};

} // namespace diaban::services::http
