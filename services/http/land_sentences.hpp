#pragma once

#include "services/http/messages.hpp"

namespace diaban::services::http {

/// What is said of sheets and parcels.
inline constexpr Sentence land_sentences[] = {
    {"dgn-v8", "Không đọc được DGN V8", "DGN V8 cannot be read",
     "Tệp {file} là MicroStation DGN V8, định dạng không có thư viện tự do nào đọc được. Lưu lại "
     "thành DGN V7 hoặc DXF.",
     "File {file} is MicroStation DGN V8, which no free library reads. Save it as DGN V7 or DXF."},
    {"identifier-taken", "Trùng mã định danh thửa", "Identifier taken",
     "Đã có thửa mang mã định danh “{value}”.", "There is a parcel of identifier “{value}”."},
    {"sheet-encoding", "Không rõ bảng mã chữ", "Encoding not sure",
     "Không xác định chắc được bảng mã chữ của {file} (ví dụ đọc thành “{value}”). Ghi encoding: "
     "{accepted}.",
     "The encoding of the texts of {file} is not sure (one would read “{value}”). Say encoding: "
     "{accepted}."},
    {"sheet-exists", "Tờ bản đồ đã có", "Sheet exists",
     "Tờ {value} của xã {commune} đã có trong sổ.",
     "Sheet {value} of commune {commune} is in the "
     "register already."},
    {"sheet-parcel", "Thửa không dùng được", "Unusable parcel",
     "Thửa {value} trong {file} không dùng được: {reason}.",
     "Parcel {value} in {file} cannot be used: {reason}."},
    {"sheets-refused", "Có tờ bị từ chối", "Sheets refused",
     "{value} tờ bản đồ không qua được kiểm tra hệ tọa độ và chưa được lưu.",
     "{value} sheets did not pass the check of their CRS and are not stored."},
    {"unknown-commune", "Không có xã này", "No such commune",
     "Không có xã mang mã “{value}” vào ngày {day}.",
     "There is no commune of code “{value}” on "
     "{day}."},
    {"unknown-sheet", "Không có tờ bản đồ này", "No such sheet",
     "Xã {commune} không có tờ bản đồ số {value}.", "Commune {commune} has no sheet {value}."},
};

} // namespace diaban::services::http
