#pragma once

#include "services/http/messages.hpp"

namespace diaban::services::http {

/// What is said of walls of screens.
inline constexpr Sentence wall_sentences[] = {
    {"no-scene", "Không có cảnh này", "No such scene", "Màn hình ghép không có cảnh “{value}”.",
     "The wall has no scene “{value}”."},
    {"no-wall", "Không có màn hình ghép này", "No such wall", "Không có màn hình ghép “{value}”.",
     "There is no wall “{value}”."},
    {"wall-busy", "Màn hình đang thay màn hình khác", "The screen stands in already",
     "Màn hình được chọn của “{value}” đang thay một màn hình khác.",
     "The chosen screen of “{value}” stands in for another one already."},
    {"wall-content", "Nội dung màn hình ghép không hợp lệ", "Bad content of a wall",
     "Phần {parameter} không dùng được: {value}. Chấp nhận: {accepted}.",
     "Part {parameter} cannot be used: {value}. Accepted: {accepted}."},
    {"wall-dead", "Màn hình thay không hoạt động", "The screen does not answer",
     "Màn hình được chọn để thay trên “{value}” không hoạt động.",
     "The screen that is to stand in on “{value}” does not answer."},
    {"wall-lives", "Màn hình vẫn hoạt động", "The screen lives",
     "Màn hình này của “{value}” vẫn hoạt động, không cần thay.",
     "This screen of “{value}” lives: nobody stands in for it."},
    {"wall-locked", "Màn hình ghép đang khóa", "The wall is locked",
     "Màn hình ghép {value} đang khóa: mở khóa rồi mới đổi được.",
     "Wall {value} is locked: unlock it first."},
    {"wall-nothing", "Không còn gì để hoàn tác", "Nothing to take back",
     "Trên “{value}” không còn cảnh nào trước đó.", "Nothing was on air on “{value}” before."},
};

} // namespace diaban::services::http
