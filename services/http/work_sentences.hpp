#pragma once

#include "services/http/messages.hpp"

namespace diaban::services::http {

/// What is said of forms, tasks, dossiers of services, and sources that are pulled.
inline constexpr Sentence work_sentences[] = {
    {"form-again", "Lặp lại", "Again", "“{value}” đã có ở trên trong biểu mẫu.",
     "“{value}” stands in the form already."},
    {"form-bounds", "Ngoài khoảng cho phép", "Out of bounds",
     "{value} nằm ngoài khoảng cho phép {accepted}.", "{value} is outside {accepted}."},
    {"form-cell", "Ô đầu biểu mẫu không đọc được", "Unreadable head of the form",
     "“{value}” không đọc được. Chấp nhận: {accepted}.",
     "“{value}” cannot be read. Accepted: {accepted}."},
    {"form-column", "Cột không có chỉ tiêu", "Column without an indicator",
     "Có giá trị “{value}” nhưng đầu cột không ghi mã chỉ tiêu.",
     "The value “{value}” stands in a column without an indicator."},
    {"form-decimals", "Thừa chữ số thập phân", "Too many decimals",
     "{value} có nhiều hơn {accepted} chữ số thập phân.",
     "{value} has more than {accepted} decimals."},
    {"form-faults", "Biểu mẫu có lỗi", "Faulty form", "Biểu mẫu có {value} ô sai; chưa ghi gì.",
     "{value} cells are wrong; nothing was stored."},
    {"form-indicator", "Chỉ tiêu không thuộc biểu mẫu", "Indicator not of this form",
     "“{value}” không phải chỉ tiêu của cơ quan này trong kỳ này. Chấp nhận: {accepted}.",
     "“{value}” is no indicator of this owner and period. Accepted: {accepted}."},
    {"form-name", "Tên đơn vị không khớp mã", "Name and code disagree",
     "Tên “{value}” không khớp mã; đơn vị này là “{accepted}”.",
     "The name “{value}” is not that of the code, which is “{accepted}”."},
    {"form-number", "Không phải số", "Not a number", "“{value}” không phải số.",
     "“{value}” is not a number."},
    {"form-owner", "Không có cơ quan này", "No such owner",
     "“{value}” không phụ trách chỉ tiêu nào. Chấp nhận: {accepted}.",
     "“{value}” owns no indicator. Accepted: {accepted}."},
    {"form-period", "Kỳ không hợp lệ", "Not a period of this owner",
     "“{value}” không phải kỳ báo cáo đã bắt đầu của cơ quan này. Kỳ chấp nhận: {accepted}.",
     "“{value}” is no period of this owner that has begun. Accepted cadences: {accepted}."},
    {"form-too-large", "Biểu mẫu quá lớn", "Form too large", "Biểu mẫu vượt giới hạn {accepted}.",
     "The form is beyond {accepted}."},
    {"form-unit", "Đơn vị không thuộc biểu mẫu", "Unit not of this form",
     "Mã “{value}” không phải đơn vị của biểu mẫu này.",
     "The code “{value}” is no unit of this form."},
    {"form-unreadable", "Không phải biểu mẫu", "Not a form",
     "Tệp này không phải biểu mẫu XLSX tải từ đây.",
     "This file is no XLSX form that was taken from here."},
    {"call-state", "Cuộc gọi không ở bước này", "Call not at this step",
     "Cuộc gọi đang ở trạng thái {value}; bước này cần {accepted}.",
     "The call is {value}; this step needs {accepted}."},
    {"event-closed", "Thiên tai đã kết thúc", "Event closed", "Thiên tai {value} đã kết thúc.",
     "The disaster event {value} is closed."},
    {"no-free-team", "Không còn đội sẵn sàng", "No team is free",
     "Không có đội cứu nạn nào sẵn sàng; cuộc gọi vẫn chờ.",
     "No rescue team is free; the call waits."},
    {"too-many-calls", "Gửi quá nhiều lần", "Sent too often",
     "Đã có {accepted} yêu cầu cứu nạn từ nơi này trong {seconds} giây; yêu cầu này chưa được ghi "
     "nhận. Những yêu cầu đã ghi nhận "
     "vẫn được xử lý. Nếu nguy cấp, hãy gọi ngay 112.",
     "{accepted} calls for rescue came from here within {seconds} seconds; this one was not taken. "
     "Those that were are dealt "
     "with. In danger, call 112 now."},
    {"order-state", "Mệnh lệnh không ở bước này", "Order not at this step",
     "Mệnh lệnh đang ở trạng thái {value}; bước này cần {accepted}.",
     "The order is {value}; this step needs {accepted}."},
    {"pull-refused", "Không được lấy từ địa chỉ này", "This address is not asked",
     "Không lấy số liệu từ “{value}”: {reason}.", "“{value}” is not asked: {reason}."},
    {"service-state", "Hồ sơ không ở bước này", "Dossier not at this step",
     "Hồ sơ đang ở trạng thái {value}; bước này cần {accepted}.",
     "The dossier is {value}; this step needs {accepted}."},
    {"task-state", "Nhiệm vụ không ở bước này", "Task not at this step",
     "Nhiệm vụ đang ở trạng thái {value}; bước này cần {accepted}.",
     "The task is {value}; this step needs {accepted}."},
    {"work-changed", "Đã có người khác sửa", "Changed by someone else",
     "Đối tượng vừa được người khác sửa; chưa ghi gì. Hãy mở lại.",
     "Somebody else has just changed it; nothing was written. Open it again."},
};

} // namespace diaban::services::http
