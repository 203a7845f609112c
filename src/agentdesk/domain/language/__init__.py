"""Words as people write and say them: cleaning, folding, pinyin, phrases in both languages."""
