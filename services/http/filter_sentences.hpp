#pragma once

#include "services/http/messages.hpp"

namespace diaban::services::http {

/// What is said of filters (CQL2).
inline constexpr Sentence filter_sentences[] = {
    {"bad-filter", "Bộ lọc không hợp lệ", "Bad filter",
     "Bộ lọc không đọc được ở vị trí {position}: “{value}”. Chấp nhận: {accepted}.",
     "The filter cannot be read at {position}: “{value}”. Accepted: {accepted}."},
    {"bad-filter-geometry", "Hình học trong bộ lọc không hợp lệ", "Bad geometry in the filter",
     "Hình học ở vị trí {position} của bộ lọc không hợp lệ: {reason}.",
     "The geometry at {position} of the filter is not valid: {reason}."},
    {"filter-collections", "Bộ lọc chỉ dùng với một lớp", "A filter goes with one collection",
     "Tham số {parameter} chỉ dùng với ô của {accepted} lớp dữ liệu.",
     "Parameter {parameter} goes with tiles of {accepted} collection."},
    {"filter-outside-world", "Tọa độ ngoài trái đất", "Positions outside the world",
     "Vị trí {value} trong {parameter} nằm ngoài giới hạn kinh độ, vĩ độ. Chấp nhận: {accepted}; "
     "hệ "
     "tọa độ khác thì cho biết bằng filter-crs.",
     "Position {value} in {parameter} lies beyond longitude and latitude. Accepted: {accepted}; "
     "another "
     "CRS is named by filter-crs."},
    {"filter-past", "Không lọc được quá khứ", "No filter on the past",
     "Bộ lọc chỉ dùng với dữ liệu hiện biết. Hãy bỏ {parameter} hoặc mốc thời gian của quá khứ.",
     "A filter goes with what is known now. Leave out {parameter} or the moment of the past."},
    {"filter-too-costly", "Bộ lọc quá tốn kém", "Filter too costly",
     "Bộ lọc cần {value} đơn vị tính toán cho mỗi đối tượng; nhiều nhất là {accepted}. Hãy chia "
     "nhỏ.",
     "The filter costs {value} units a feature; at most {accepted} are allowed. Ask in parts."},
    {"filter-too-large", "Bộ lọc quá lớn", "Filter too large",
     "Bộ lọc có {value}; nhiều nhất là {accepted}.",
     "The filter has {value}; at most {accepted} are allowed."},
    {"filter-type", "Kiểu dữ liệu không khớp", "Types do not match",
     "Ở vị trí {position} của bộ lọc, {value} không dùng được với {other}.",
     "At {position} of the filter {value} does not go with {other}."},
    {"filter-unsupported", "Bộ lọc chưa được hỗ trợ", "Filter not supported",
     "Ở vị trí {position} của bộ lọc, không dùng được {value} ở đây.",
     "At {position} of the filter {value} cannot be used."},
    {"filter-zoom", "Không lọc được ở mức thu phóng này", "No filter at this zoom",
     "Ở mức thu phóng {value}, lớp “{collection}” được gộp; bộ lọc này phải gộp lại {rows} đối "
     "tượng, quá nhiều cho một yêu cầu. Chấp nhận: {accepted}.",
     "At zoom {value} collection “{collection}” is drawn merged; this filter would have {rows} "
     "rows "
     "merged anew, too many for one request. Accepted: {accepted}."},
    {"unknown-function", "Không có hàm này", "No such function",
     "Không có hàm “{value}”. Chấp nhận: {accepted}.",
     "There is no function “{value}”. Accepted: {accepted}."},
    {"unknown-queryable", "Không lọc được theo thuộc tính này", "Not a queryable",
     "Không lọc được theo “{value}”. Chấp nhận: {accepted}.",
     "“{value}” cannot be filtered by. Accepted: {accepted}."},
};

} // namespace diaban::services::http
