#pragma once

#include "services/http/messages.hpp"

namespace diaban::services::http {

/// What is said of stations, their values, and what watches them.
inline constexpr Sentence watch_sentences[] = {
    {"alert-state", "Cảnh báo không ở bước này", "Alert not at this step",
     "Cảnh báo đang ở trạng thái {value}; bước này cần {accepted}.",
     "The alert is {value}; this step needs {accepted}."},
    {"bad-cap", "Bản tin CAP không nhận được", "CAP message not accepted",
     "Phần “{parameter}” của bản tin CAP thiếu, sai hoặc không được nhận.",
     "The part “{parameter}” of the CAP message is missing, wrong or not accepted."},
    {"no-alert", "Không có cảnh báo này", "No such alert", "Không có bản tin cảnh báo “{value}”.",
     "There is no message “{value}” about an alert."},
    {"no-webhook", "Không có nơi nhận này", "No such webhook",
     "Không có nơi nhận hay lượt gửi {value}.", "There is no webhook or delivery {value}."},
    {"observation-time", "Thời điểm đo ngoài khoảng nhận", "Time of observation not accepted",
     "Có số liệu đo ngoài khoảng thời gian được nhận: {accepted}.",
     "A value was observed outside the time that is accepted: {accepted}."},
    {"rule-field", "Trường của quy tắc không dùng được", "Field of the rule not accepted",
     "“{value}” không phải là trường số của lớp được theo dõi.",
     "“{value}” is no field of numbers of what is watched."},
    {"sta-function", "Không có hàm này", "No such function", "Không có hàm hay phép “{value}”.",
     "There is no function or operator “{value}”."},
    {"sta-no-entity", "Không có đối tượng này", "No such entity",
     "Không có gì ở “{value}” của SensorThings.", "There is nothing at “{value}” of SensorThings."},
    {"sta-option", "Tùy chọn không hợp lệ", "Option not accepted",
     "Tùy chọn {parameter} không nhận “{value}”. Chấp nhận: {accepted}.",
     "Option {parameter} does not take “{value}”. Accepted: {accepted}."},
    {"sta-path", "Đường dẫn trong điều kiện không hợp lệ", "Path in a condition not accepted",
     "“{value}”: mỗi phép so sánh chỉ đi theo một đường tới một thuộc tính.",
     "“{value}”: a comparison goes one way, to a property."},
    {"sta-property", "Không có thuộc tính này", "No such property",
     "Không có thuộc tính “{value}”. Chấp nhận: {accepted}.",
     "There is no property “{value}”. Accepted: {accepted}."},
    {"sta-relation", "Không có quan hệ này", "No such relation",
     "Không có quan hệ “{value}”. Chấp nhận: {accepted}.",
     "There is no relation “{value}”. Accepted: {accepted}."},
    {"sta-syntax", "Biểu thức không đọc được", "Unreadable expression",
     "Không đọc được từ chỗ này: “{value}”.", "It cannot be read from here on: “{value}”."},
    {"sta-too-many", "Quá nhiều đối tượng", "Too many entities",
     "“{value}” dẫn tới hơn {accepted} đối tượng: hãy hỏi hẹp hơn.",
     "“{value}” leads to more than {accepted} entities: ask for fewer."},
    {"sta-type", "Kiểu giá trị không hợp", "Types do not agree",
     "“{value}” không dùng được với các giá trị này.", "“{value}” does not go with these values."},
    {"station-rule", "Ngưỡng cảnh báo không hợp lệ", "Alarm rule not accepted",
     "Phần “{parameter}” của ngưỡng cảnh báo không hợp lệ.",
     "The part “{parameter}” of the alarm rule means nothing."},
    {"too-many-observations", "Quá nhiều số liệu một lần", "Too many observations at once",
     "Mỗi lần nhận tối đa {accepted} số liệu.",
     "At most {accepted} observations are taken at once."},
    {"unknown-datastream", "Không có chuỗi số liệu này", "No such datastream",
     "Không có chuỗi số liệu {value}.", "There is no datastream {value}."},
};

} // namespace diaban::services::http
