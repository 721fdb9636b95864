#pragma once

#include "services/http/messages.hpp"

namespace diaban::services::http {

/// What is said of accounts, rights and signing in.
inline constexpr Sentence access_sentences[] = {
    {"access-not-ready", "Chưa đọc được quyền truy cập", "Rights not read yet",
     "Máy chủ chưa đọc được ai có quyền gì. Hãy thử lại sau giây lát.",
     "The server has not read yet who may do what. Try again in a moment."},
    {"account-exists", "Tài khoản đã có", "Account exists", "Đã có tài khoản “{value}”.",
     "There is an account “{value}” already."},
    {"bad-member", "Phần của yêu cầu không hợp lệ", "Bad part of the request",
     "“{value}” trong {parameter} không nhận được. Chấp nhận: {accepted}.",
     "“{value}” in {parameter} cannot be taken. Accepted: {accepted}."},
    {"bad-password", "Mật khẩu không đủ an toàn", "Password not acceptable",
     "Mật khẩu cần {accepted} byte và không chỉ gồm một ký tự lặp lại.",
     "A password has {accepted} bytes and is not one character over and over."},
    {"code-needed", "Cần mã xác thực", "Code needed",
     "Tài khoản này cần thêm mã sáu chữ số từ ứng dụng xác thực.",
     "This account needs the six digits of its authenticator app as well."},
    {"csrf-token", "Yêu cầu không từ trang của máy chủ", "Request not from a page of this server",
     "Thay đổi trong phiên trình duyệt cần {parameter} đúng của phiên đó.",
     "What changes something in a browser's session needs the {parameter} of that session."},
    {"edit-forbidden", "Không có quyền sửa", "May not be edited",
     "Bạn không có quyền sửa lớp {collection}. Đề nghị cấp quyền.",
     "You may not edit the collection {collection}. Ask for access."},
    {"not-allowed", "Không có quyền", "Not allowed",
     "Bạn không có quyền làm việc này. Đề nghị cấp quyền.", "You may not do this. Ask for access."},
    {"provider-unreachable", "Không liên lạc được với nơi xác thực", "Provider not reachable",
     "Không nhận được trả lời hợp lệ từ {value}. Hãy thử lại.",
     "No valid answer came from {value}. Try again."},
    {"sign-in-failed", "Đăng nhập không được", "Signing in failed",
     "Tên đăng nhập, mật khẩu hoặc mã không đúng, hoặc tài khoản bị khóa.",
     "Login, password or code are wrong, or the account is disabled."},
    {"sign-in-needed", "Cần đăng nhập", "Signing in needed",
     "Việc này cần đăng nhập, hoặc phiên và mã truy cập đã hết hạn.",
     "This needs a session or a token that holds. Sign in."},
    {"too-many-attempts", "Thử quá nhiều lần", "Too many attempts",
     "Tên đăng nhập này tạm bị khóa đến {value}.", "This login is locked until {value}."},
    {"unknown-account", "Không có tài khoản", "No such account", "Không có tài khoản “{value}”.",
     "There is no account “{value}”."},
    {"unknown-provider", "Không có nơi xác thực", "No such provider",
     "Không có nơi xác thực “{value}”.", "There is no provider “{value}”."},
    {"unknown-role", "Không có vai trò", "No such role", "Không có vai trò “{value}”.",
     "There is no role “{value}”."},
    {"unknown-token", "Không có mã truy cập", "No such token", "Không có mã truy cập “{value}”.",
     "There is no token “{value}”."},
};

} // namespace diaban::services::http
