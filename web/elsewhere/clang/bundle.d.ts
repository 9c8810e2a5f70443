export * from "@yowasp/clang";
