"""C as text: lexer, outline, #if conditions, expressions. No compiler."""
