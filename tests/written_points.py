"""Numbers and points as people and programs write them, and how each text is read.

For each: pasted on the line, a file on the line, pasted in the plane, a file in the plane; equal
neighbours are written once. ``? a | b`` is asked about, ``a or b`` offers b, ``!key`` is refused
by that sentence, ``-1`` leaves a row out, and ``passed`` names a column that was passed over.
"""

WRITTEN: dict[str, tuple[str, tuple[str, ...]]] = {
    "xl dates": ("date\tx\n2024-01-01\t0.5\n2024-01-02\t1.2", ("0.5, 1.2", "!file.one")),
    "xl dates de": ("Datum;Wert\n01.02.2024;0,5\n02.02.2024;1,2", ("0.5, 1.2 passed", "!file.one")),
    "xl dates nohdr": ("01.02.2024\t0.5\n02.02.2024\t1.2", ("0.5, 1.2 passed", "!file.one")),
    "xl dates iso nohdr": ("2024-01-01,0.5\n2024-01-02,1.2", ("0.5, 1.2", "!file.one")),
    "xl times": ("time,x\n12:30,0.5\n12:45,1.2", ("0.5, 1.2 passed", "!file.one")),
    "xl times nohdr": ("12:30 0.5\n12:45 1.2", ("0.5, 1.2 passed", "!file.one")),
    "us dates": ("01/02/2024,0.5\n01/03/2024,1.2", ("0.5, 1.2", "!file.one")),
    "percent col": ("x,y\n1,50%\n2,60%", ("1, 2", "!file.one")),
    "percent all": (
        "50%\n60%\n75%",
        ("!points.letters", "!file.numbers", "!points.pair", "!file.numbers"),
    ),
    "percent typed": ("50%, 60%", ("!points.letters", "!file.text", "!points.pair", "!file.text")),
    "percent tab": ("12.5%\t3\n13.5%\t4", ("3, 4 passed", "!file.one")),
    "currency typed": ("$1.50, $2", ("1.5, 2", "? 1.5*2 | 1.5, 2", "!points.brackets", "(1.5,2)")),
    "currency typed2": ("€1.50; €2", ("1.5, 2", "? 1.5*2 | 1.5, 2", "!points.brackets", "(1.5,2)")),
    "currency de": (
        "1,50 €; 2,00 €",
        ("1.5, 2", "? 1.5*2 | 1.5, 2", "!points.brackets", "(1.5,2)"),
    ),
    "currency neg": (
        "-$1.50, ($2.00)",
        ("!points.letters", "!file.text", "!points.brackets", "!file.text"),
    ),
    "currency col": ("$1.50\n$2.00\n$3.25", ("1.5, 2, 3.25", "!file.one")),
    "currency thousand": (
        "$1,250.00\n$2,000.00",
        ("? 1, 250, 2, … | 1250, 2000", "1250, 2000", "!file.one", "!file.one"),
    ),
    "acct neg": ("x,y\n(1.5),2\n3,(4)", ("3 -1", "!file.none")),
    "trailing minus": ("x\ty\n1.5-\t2\n3\t4-", ("3 -1", "!file.none")),
    "thousand comma": ("1,234.5\t2\n2,345.5\t3", ("1234.5*2, 2345.5*3", "(1234.5,2), (2345.5,3)")),
    "thousand ap": (
        "1'234.5; 2'345.5",
        (
            "1234.5, 2345.5",
            "? 1234.5*2345.5 | 1234.5, 2345.5",
            "!points.brackets",
            "(1234.5,2345.5)",
        ),
    ),
    "thousand nbsp": (
        "1\xa0234,5\n2\xa0345,5",
        (
            "? 1234, 5, 2345, … | 1234*5, 2345*5 | 1234.5, 2345.5",
            "? 1234*5, 2345*5 | 1234.5, 2345.5",
            "(1234,5), (2345,5)",
            "(1234,5), (2345,5)",
        ),
    ),
    "thousand india": (
        "1,23,456.5; 2,34,567.5",
        ("? 1, 23, 456.5, … | 123456.5, 234567.5", "!file.text", "!points.brackets", "!file.text"),
    ),
    "dot thousand typed": (
        "1.000; 2.500",
        (
            "? 1, 2.5 | 1000, 2500",
            "? 1*2.5 | 1000*2500",
            "!points.brackets",
            "? (1,2.5) | (1000,2500)",
        ),
    ),
    "dot thousand typed comma": (
        "1.000, 2.500",
        ("1, 2.5 or 1000, 2500", "? 1*2.5 | 1, 2.5", "!points.brackets", "(1,2.5)"),
    ),
    "dot thousand lines": ("1.000\n2.500", ("1, 2.5", "!file.one")),
    "dot 3 mixed": (
        "1.234, 0.5",
        ("1.234, 0.5", "? 1.234*0.5 | 1.234, 0.5", "!points.brackets", "(1.234,0.5)"),
    ),
    "dot 3 all": (
        "1.234, 2.345, 3.456",
        ("1.234, 2.345, 3.456", "1.234, 2.345, 3.456", "!points.brackets", "(1.234,2.345)*3.456"),
    ),
    "dot 3 zero": (
        "0.123, 0.456",
        ("0.123, 0.456", "? 0.123*0.456 | 0.123, 0.456", "!points.brackets", "(0.123,0.456)"),
    ),
    "dot plane": (
        "(1.000; 2.500), (3.000; 4.500)",
        (
            "1*2.5, 3*4.5",
            "1*2.5, 3*4.5",
            "? (1,2.5), (3,4.5) | (1000,2500), (3000,4500)",
            "(1,2.5), (3,4.5)",
        ),
    ),
    "third text unnamed": ("x,y\n1,2,a\n3,4,b", ("1, 3", "(1,2), (3,4)")),
    "third text unnamed sp": ("x y\n1 2 a\n3 4 b", ("1, 3", "(1,2), (3,4)")),
    "third text unnamed semi": ("x;y\n1;2;rot\n3;4;blau", ("1, 3", "(1,2), (3,4)")),
    "R row names int": ("x,y\n1,0.5,2\n2,1.5,4", ("0.5, 1.5", "(0.5,2), (1.5,4)")),
    "R row names str": ("x,y\na,1,2\nb,3,4", ("1, 3", "(1,2), (3,4)")),
    "R df print": ("    x y\n1 0.5 2\n2 1.5 4", ("0.5, 1.5", "(0.5,2), (1.5,4)")),
    "R df print names": (
        "      mpg  wt\nMazda 21.0 2.62\nDatsun 22.8 2.32",
        ("21, 22.8", "(21,2.62), (22.8,2.32)"),
    ),
    "R tibble": (
        "# A tibble: 2 × 2\n      x     y\n  <dbl> <dbl>\n1   0.5     2\n2   1.5     4",
        ("0.5, 1.5", "(0.5,2), (1.5,4)"),
    ),
    "R matrix": (
        "     [,1] [,2]\n[1,]  0.5  2\n[2,]  1.5  4",
        ("0.5*2, 1.5*4", "(0.5,2), (1.5,4)"),
    ),
    "R c ints": ("c(1L, 2L, 3L)", ("1, 2, 3", "!file.one")),
    "R NA": ("c(1, NA, 3)", ("1, 3 -1", "!file.one")),
    "ragged nohdr": (
        "1,2\n3,4\n5,6\n7,8,9",
        (
            "? 1, 2, 3, … | 1*2, 3*4, 5*6",
            "1*2, 3*4, 5*6 -1",
            "(1,2), (3,4), (5,6) -1",
            "(1,2), (3,4), (5,6) -1",
        ),
    ),
    "ragged nohdr 2": (
        "1,2\n3,4,5\n6,7",
        ("? 1, 2, 3, … | 1*2, 6*7", "1*2, 6*7 -1", "(1,2), (6,7) -1", "(1,2), (6,7) -1"),
    ),
    "ragged first": (
        "1,2,3\n4,5\n6,7",
        (
            "? 1, 2, 3, … | 1, 4, 6",
            "? 1, 4, 6 | 4.5, 6.7",
            "(1,2)*3, (4,5), (6,7)",
            "(1,2)*3, (4,5), (6,7)",
        ),
    ),
    "ragged semi": (
        "1;2\n3;4\n5;6;7",
        ("? 1, 2, 3, … | 1*2, 3*4", "1*2, 3*4 -1", "(1,2), (3,4) -1", "(1,2), (3,4) -1"),
    ),
    "ragged short": (
        "1,2\n3\n4,5",
        (
            "? 1, 2, 3, … | 1*2, 3, 4*5 | 1.2, 3, 4.5",
            "? 1*2, 3, 4*5 | 1.2, 3, 4.5",
            "(1,2), (4,5) -1",
            "(1,2), (4,5) -1",
        ),
    ),
    "ragged sp": (
        "1 2\n3 4\n5 6 7",
        ("? 1, 2, 3, … | 1*2, 3*4", "1*2, 3*4 -1", "(1,2), (3,4) -1", "(1,2), (3,4) -1"),
    ),
    "np dtype": ("array([0.5, 1.2], dtype=float32)", ("0.5, 1.2", "!file.one")),
    "np float64 list": ("[np.float64(0.5), np.float64(1.2)]", ("0.5, 1.2", "!file.one")),
    "np nan": ("[0.5, nan, 1.2]", ("0.5, 1.2 -1", "0.5, 1.2 -1", "!points.finite", "!file.one")),
    "np inf": ("[0.5, inf]", ("0.5 -1", "0.5 -1", "!points.finite", "!file.one")),
    "torch cuda": ("tensor([0.5000, 1.2000], device='cuda:0')", ("0.5, 1.2", "!file.one")),
    "torch grad": ("tensor([0.5000, 1.2000], grad_fn=<AddBackward0>)", ("0.5, 1.2", "!file.one")),
    "jax": ("Array([0.5, 1.2], dtype=float32)", ("0.5, 1.2", "!file.one")),
    "pd df": ("     x    y\n0  0.5  2.0\n1  1.5  4.0", ("0.5, 1.5", "(0.5,2), (1.5,4)")),
    "pd df idx": (
        "         x    y\nid             \na      0.5  2.0\nb      1.5  4.0",
        ("0.5, 1.5 -1", "(0.5,2), (1.5,4) -1"),
    ),
    "pd to_dict": ("{'x': [0.5, 1.5], 'y': [2, 4]}", ("0.5, 1.5", "(0.5,2), (1.5,4)")),
    "pd md": (
        "|    |   x |   y |\n|---:|----:|----:|\n|  0 | 0.5 |   2 |\n|  1 | 1.5 |   4 |",
        ("0.5, 1.5", "(0.5,2), (1.5,4)"),
    ),
    "pd NaN": ("     x    y\n0  0.5  NaN\n1  1.5  4.0", ("0.5, 1.5", "(1.5,4) -1")),
    "py list tuples": ("[(0.5, 1.2), (1.7, 2)]", ("0.5*1.2, 1.7*2", "(0.5,1.2), (1.7,2)")),
    "py dict pts": (
        "{0.5: 2, 1.2: 1}",
        ("!points.letters", "!file.text", "!points.pair", "!file.text"),
    ),
    "py underscore": (
        "1_000, 2_500",
        ("!points.letters", "!file.text", "!points.pair", "!file.text"),
    ),
    "py Decimal": (
        "[Decimal('0.5'), Decimal('1.2')]",
        ("!points.letters", "!file.text", "!points.pair", "!file.text"),
    ),
    "py str list": ("['0.5', '1.2']", ("0.5, 1.2", "!file.one")),
    "py Fraction": (
        "[Fraction(1, 2), Fraction(3, 4)]",
        ("!points.letters", "!file.text", "!points.pair", "!file.text"),
    ),
    "matlab cols": (
        "  Columns 1 through 3\n\n  0.5  1.2  1.7\n\n  Columns 4 through 5\n\n  2.5  3.5",
        ("0.5, 1.2, 1.7, 2.5, 3.5", "!file.one"),
    ),
    "matlab cols x=": (
        "x =\n\n  Columns 1 through 3\n\n  0.5  1.2  1.7\n\n  Column 4\n\n  2.5",
        ("0.5, 1.2, 1.7, 2.5", "!file.one"),
    ),
    "matlab row": ("[0.5 1.2; 1.7 2.0]", ("0.5*1.2, 1.7*2", "(0.5,1.2), (1.7,2)")),
    "matlab row nl": ("A = [0.5 1.2;\n     1.7 2.0];", ("0.5*1.2, 1.7*2", "(0.5,1.2), (1.7,2)")),
    "matlab ans mat": (
        "ans =\n\n    0.5000    1.2000\n    1.7000    2.0000\n",
        ("0.5*1.2, 1.7*2", "(0.5,1.2), (1.7,2)"),
    ),
    "matlab table": (
        "     x      y \n    ___    ___\n\n    0.5    2  \n    1.5    4  ",
        ("0.5, 1.5", "(0.5,2), (1.5,4)"),
    ),
    "julia vec": ("3-element Vector{Float64}:\n 0.5\n 1.2\n 1.7", ("0.5, 1.2, 1.7", "!file.one")),
    "julia mat": (
        "2×2 Matrix{Float64}:\n 0.5  1.2\n 1.7  2.0",
        ("0.5*1.2, 1.7*2", "(0.5,1.2), (1.7,2)"),
    ),
    "julia lit": ("[0.5 1.2; 1.7 2.0]", ("0.5*1.2, 1.7*2", "(0.5,1.2), (1.7,2)")),
    "julia f32": (
        "Float32[0.5, 1.2]",
        ("!points.letters", "!file.text", "!points.pair", "!file.text"),
    ),
    "julia df": (
        "2×2 DataFrame\n Row │ x  y\n     │ Float64  Int64\n───┼───────\n 1 │ 0.5  2\n 2 │ 1.5  4",
        ("0.5, 1.5", "(0.5,2), (1.5,4)"),
    ),
    "mma": ("{{0.5, 1.2}, {1.7, 2.}}", ("0.5*1.2, 1.7*2", "(0.5,1.2), (1.7,2)")),
    "mma 1d": ("{0.5, 1.2, 1.7}", ("0.5, 1.2, 1.7", "!file.one")),
    "mma sci": (
        "{1.5*^-3, 2.*^2}",
        ("!points.letters", "!file.text", "!points.pair", "!file.text"),
    ),
    "mma frac": ("{1/2, 3/4}", ("!points.letters", "!file.text", "!points.pair", "!file.text")),
    "mma tick": ("{0.5`, 1.2`}", ("!points.letters", "!file.text", "!points.pair", "!file.text")),
    "mma out": ("Out[1]= {0.5, 1.2}", ("0.5, 1.2", "!file.one")),
    "latex tab": (
        "x & y \\\\ \\hline\n0.5 & 1.2 \\\\\n1.7 & 2.0 \\\\",
        ("0.5, 1.7", "(0.5,1.2), (1.7,2)"),
    ),
    "latex nohdr": ("0.5 & 1.2 \\\\\n1.7 & 2.0 \\\\", ("0.5*1.2, 1.7*2", "(0.5,1.2), (1.7,2)")),
    "latex env": (
        "\\begin{tabular}{cc}\nx & y \\\\\n\\hline\n0.5 & 1.2 \\\\\n1.7 & 2.0 \\\\\n\\end{tabular}",
        ("0.5, 1.7", "(0.5,1.2), (1.7,2)"),
    ),
    "latex pmatrix": (
        "\\begin{pmatrix} 0.5 & 1.2 \\\\ 1.7 & 2.0 \\end{pmatrix}",
        ("0.5*1.2, 1.7*2", "(0.5,1.2), (1.7,2)"),
    ),
    "latex booktabs": (
        "\\toprule\nx & y \\\\\n\\midrule\n0.5 & 1.2 \\\\\n1.7 & 2.0 \\\\\n\\bottomrule",
        ("0.5, 1.7", "(0.5,1.2), (1.7,2)"),
    ),
    "latex dollars": (
        "$0.5$ & $1.2$ \\\\\n$1.7$ & $2.0$ \\\\",
        ("0.5*1.2, 1.7*2", "(0.5,1.2), (1.7,2)"),
    ),
    "latex inline": (
        "$0.5, 1.2$",
        ("0.5, 1.2", "? 0.5*1.2 | 0.5, 1.2", "!points.brackets", "(0.5,1.2)"),
    ),
    "latex frac": (
        "\\frac{1}{2}, \\frac{3}{4}",
        ("!points.letters", "!file.text", "!points.pair", "!file.text"),
    ),
    "latex cdot": (
        "1.5\\cdot10^{3}, 2\\times10^{-2}",
        ("1500, 0.02", "? 1500*0.02 | 1500, 0.02", "!points.brackets", "(1500,0.02)"),
    ),
    "latex set": (
        "\\{0.5, 1.2\\}",
        ("!points.letters", "!file.text", "!points.pair", "!file.text"),
    ),
    "latex left": (
        "\\left(0.5, 1.2\\right), \\left(1, 2\\right)",
        ("!points.letters", "!file.text", "!points.pair", "!file.text"),
    ),
    "md nohdr": ("| 0.5 | 1.2 |\n| 1.7 | 2 |", ("0.5*1.2, 1.7*2", "(0.5,1.2), (1.7,2)")),
    "md bullets": ("- 0.5\n- 1.2\n- 1.7", ("0.5, 1.2, 1.7", "!file.one")),
    "md star bullets": ("* 0.5\n* 1.2", ("0.5, 1.2", "!file.one")),
    "md numbered": (
        "1. 0.5\n2. 1.2\n3. 1.7",
        (
            "? 1, 0.5, 2, … | 0.5, 1.2, 1.7 | 1*0.5, 2*1.2, 3*1.7",
            "? 0.5, 1.2, 1.7 | 1*0.5, 2*1.2, 3*1.7",
            "(1,0.5), (2,1.2), (3,1.7)",
            "(1,0.5), (2,1.2), (3,1.7)",
        ),
    ),
    "md numbered paren": ("1) 0.5\n2) 1.2", ("0.5, 1.2", "!file.one")),
    "md code": ("```\n0.5\n1.2\n```", ("0.5, 1.2", "!file.one")),
    "md inline code": (
        "`0.5, 1.2`",
        ("!points.letters", "!file.text", "!points.pair", "!file.text"),
    ),
    "json null": ("[0.5, null, 1.2]", ("0.5, 1.2 -1", "!file.one")),
    "json str": ('["0.5", "1.2"]', ("0.5, 1.2", "!file.one")),
    "json one rec": ('{"x": 0.5, "y": 1.2}', ("0.5", "(0.5,1.2)")),
    "json one rec w": ('{"x": 0.5, "w": 2}', ("0.5*2", "!file.one.named")),
    "json5 trailing": ("[0.5, 1.2,]", ("0.5, 1.2", "0.5, 1.2", "(0.5,1.2)", "!file.one")),
    "json lines": ('{"x": 0.5, "y": 1}\n{"x": 1.5, "y": 2}', ("0.5, 1.5", "(0.5,1), (1.5,2)")),
    "yaml": ("- 0.5\n- 1.2", ("0.5, 1.2", "!file.one")),
    "yaml xy": ("x: 0.5\ny: 1.2", ("0.5", "(0.5,1.2)")),
    "zh fullwidth": (
        "０．５，１．２，１．７",
        ("0.5, 1.2, 1.7", "0.5, 1.2, 1.7", "!points.brackets", "(0.5,1.2)*1.7"),
    ),
    "zh dun": (
        "0.5、1.2、1.7",
        ("0.5, 1.2, 1.7", "0.5, 1.2, 1.7", "!points.brackets", "(0.5,1.2)*1.7"),
    ),
    "zh plane": ("（0.5，1.2）、（1.7，2）", ("0.5*1.2, 1.7*2", "(0.5,1.2), (1.7,2)")),
    "zh brackets": (
        "【0.5，1.2】，【1，2】",
        ("!points.letters", "!file.text", "!points.pair", "!file.text"),
    ),
    "zh semi": (
        "0.5；1.2；1.7",
        ("0.5, 1.2, 1.7", "0.5, 1.2, 1.7", "!points.brackets", "(0.5,1.2)*1.7"),
    ),
    "zh weights": ("0.5×2，1.2", ("0.5*2, 1.2", "0.5*2, 1.2", "!points.brackets", "!file.one")),
    "zh dash neg": (
        "－1.5，—2",
        ("!points.letters", "!file.text", "!points.brackets", "!file.text"),
    ),
    "zh dot": ("0·5，1·2", ("!points.letters", "!file.text", "!points.pair", "!file.text")),
    "arabic digits": ("٠٫٥، ١٫٢", ("!points.letters", "!file.text", "!points.pair", "!file.text")),
    "minus uni": (
        "−1.5, –2, ‐3",
        ("-1.5, -2, -3", "-1.5, -2, -3", "!points.brackets", "(-1.5,-2)"),
    ),
    "minus en": ("-1.5, —2", ("!points.letters", "!file.text", "!points.brackets", "!file.text")),
    "degrees": ("45°, 90°", ("!points.letters", "!file.text", "!points.pair", "!file.text")),
    "latlon col": (
        "lat,lon\n40.5N,79.5W\n41.5N,78.5W",
        ("!points.letters", "!file.numbers", "!points.pair", "!file.numbers"),
    ),
    "units": ("5 cm, 7 cm", ("!points.letters", "!file.text", "!points.brackets", "!file.text")),
    "units tight": ("5cm, 7cm", ("!points.letters", "!file.text", "!points.pair", "!file.text")),
    "units col": ("x\n5 cm\n7 cm", ("5, 7", "!file.one")),
    "units col2": ("length,mass\n5 cm,3 kg\n7 cm,4 kg", ("5, 7", "!file.one")),
    "unit hdr": ("x [cm],y [kg]\n1,2\n3,4", ("1, 3", "(1,2), (3,4)")),
    "unit row": ("x,y\ncm,kg\n1,2\n3,4", ("1, 3 -1", "(1,2), (3,4) -1")),
    "frac typed": (
        "1/3, 2/3",
        ("!points.fraction", "!file.text", "!points.fraction", "!file.text"),
    ),
    "frac col": ("x,y\n1/3,2\n2/3,3", ("2, 3 passed", "!file.one")),
    "frac mixed": (
        "1 1/2, 2 1/4",
        ("!points.fraction", "!file.text", "!points.brackets", "!file.text"),
    ),
    "frac uni": ("½, ¼", ("!points.letters", "!file.text", "!points.pair", "!file.text")),
    "frac uni mixed": ("1½, 2¼", ("!points.letters", "!file.text", "!points.pair", "!file.text")),
    "sci": (
        "1.2E+03, 5e-1",
        ("1200, 0.5", "? 1200*0.5 | 1200, 0.5", "!points.brackets", "(1200,0.5)"),
    ),
    "sci D": ("1.2D+03, 5D-1", ("!points.letters", "!file.text", "!points.pair", "!file.text")),
    "sci x10": (
        "1.2x10^3, 5x10^-1",
        ("1200, 0.5", "? 1200*0.5 | 1200, 0.5", "!points.brackets", "(1200,0.5)"),
    ),
    "sci ×10^": (
        "1.2×10^3; 5×10^-1",
        ("1200, 0.5", "? 1200*0.5 | 1200, 0.5", "!points.brackets", "(1200,0.5)"),
    ),
    "sci *10^": (
        "1.2*10^3, 5*10^-1",
        (
            "? 1200, 0.5 | 1.2*1000, 5*0.1",
            "? 1200, 0.5 | 1.2*1000, 5*0.1",
            "!points.brackets",
            "!file.text",
        ),
    ),
    "sci 10^": (
        "10^3, 10^-1",
        ("1000, 0.1", "? 1000*0.1 | 1000, 0.1", "!points.brackets", "(1000,0.1)"),
    ),
    "sci 10**": (
        "10**3, 10**-1",
        ("1000, 0.1", "? 1000*0.1 | 1000, 0.1", "!points.brackets", "(1000,0.1)"),
    ),
    "sci col ^": ("x,y\n10^3,1\n10^2,2", ("1000, 100", "(1000,1), (100,2)")),
    "sci space": (
        "1.2 e3, 2 E5",
        ("!points.letters", "!file.text", "!points.brackets", "!file.text"),
    ),
    "sci comma": (
        "1,2E+03; 5,0E-01",
        ("1200, 0.5", "? 1200*0.5 | 1200, 0.5", "!points.brackets", "(1200,0.5)"),
    ),
    "pow ^": ("2^2, 3^2", ("!points.letters", "!file.text", "!points.pair", "!file.text")),
    "pi": ("pi, π/2, 2π", ("!points.letters", "!file.text", "!points.pair", "!file.text")),
    "pm": ("0.5±0.1, 1.2±0.2", ("!points.letters", "!file.text", "!points.pair", "!file.text")),
    "pm sp": (
        "0.5 ± 0.1, 1.2 ± 0.2",
        ("!points.letters", "!file.text", "!points.brackets", "!file.text"),
    ),
    "pm ascii": (
        "0.5 +/- 0.1, 1.2 +/- 0.2",
        ("!points.letters", "!file.text", "!points.brackets", "!file.text"),
    ),
    "paren unc": (
        "0.50(3), 1.20(5)",
        ("!points.letters", "!file.text", "!points.brackets", "!file.text"),
    ),
    "pm col": ("x,y\n0.5±0.1,1\n1.2±0.2,2", ("1, 2 passed", "!file.one")),
    "nan typed": (
        "0.5, NaN, 1.2",
        ("!points.finite", "0.5, 1.2 -1", "!points.brackets", "(0.5,1.2)"),
    ),
    "na typed": (
        "0.5, NA, 1.2",
        ("!points.letters", "0.5, 1.2 -1", "!points.brackets", "(0.5,1.2)"),
    ),
    "inf typed": ("0.5, -inf", ("!points.finite", "!file.text", "!points.brackets", "!file.text")),
    "dash col": ("x,y\n—,1\n2,–\n3,4", ("2, 3 -1", "(3,4) -2")),
    "-999": ("x,y\n-999,1\n2,3", ("-999, 2", "(-999,1), (2,3)")),
    "#N/A": ("x\ty\n#N/A\t1\n2\t3", ("2 -1", "(2,3) -1")),
    "#DIV": ("x\n#DIV/0!\n2\n3", ("2, 3 -1", "!file.one")),
    "#### ": ("x\n####\n2\n3", ("2, 3", "!file.one")),
    "comment trailing": ("0.5 # first\n1.2 # second", ("0.5, 1.2", "!file.one")),
    "comment trailing csv": ("x,y\n1,2 # a\n3,4 # b", ("1, 3", "(1,2), (3,4)")),
    "comment //": ("0.5 // first\n1.2 // second", ("0.5, 1.2", "!file.one")),
    "comment %": ("0.5 % first\n1.2 % second", ("0.5, 1.2", "!file.one")),
    "comment list one": (
        "0.5, 1.2 # two points",
        ("!points.letters", "? 0.5*1.2 | 0.5, 1.2", "!points.brackets", "(0.5,1.2)"),
    ),
    "comment after": ("1,2\n3,4\n# done", ("? 1*2, 3*4 | 1.2, 3.4", "(1,2), (3,4)")),
    "tabs blanks": (
        "1 \t 2\n3\t4\n5  6",
        (
            "? 1, 2, 3, … | 1*2, 3*4, 5*6",
            "1*2, 3*4, 5*6",
            "(1,2), (3,4), (5,6)",
            "(1,2), (3,4), (5,6)",
        ),
    ),
    "quotes": ('"0.5","1.2"\n"1.7","2"', ("0.5*1.2, 1.7*2", "(0.5,1.2), (1.7,2)")),
    "quotes typed": (
        '"0.5", "1.2"',
        ("!points.letters", "? 0.5*1.2 | 0.5, 1.2", "!points.pair", "(0.5,1.2)"),
    ),
    "smart quotes": (
        "“0.5”, “1.2”",
        ("!points.letters", "!file.text", "!points.pair", "!file.text"),
    ),
    "single quotes": (
        "'0.5', '1.2'",
        ("!points.letters", "? 0.5*1.2 | 0.5, 1.2", "!points.pair", "(0.5,1.2)"),
    ),
    "xl text prefix": ("'0.5\n'1.2", ("0.5, 1.2", "!file.one")),
    "trailing comma": (
        "0.5, 1.2,",
        ("0.5, 1.2", "? 0.5*1.2 | 0.5, 1.2", "!points.brackets", "(0.5,1.2)"),
    ),
    "double comma": (
        "0.5,, 1.2",
        ("0.5, 1.2", "? 0.5*1.2 | 0.5, 1.2", "!points.brackets", "(0.5,1.2)"),
    ),
    "lead comma": (", 0.5, 1.2", ("0.5, 1.2", "0.5, 1.2 -1", "!points.brackets", "(0.5,1.2)")),
    "and": ("0.5 and 1.2", ("!points.letters", "!file.text", "!points.brackets", "!file.text")),
    "and zh": ("0.5 和 1.2", ("!points.letters", "!file.text", "!points.brackets", "!file.text")),
    "or comma and": (
        "0.5, 1.2, and 1.7",
        ("!points.letters", "!file.text", "!points.brackets", "!file.text"),
    ),
    "pipe sep": (
        "0.5|1.2|1.7",
        ("!points.letters", "0.5, 1.2, 1.7", "!points.pair", "(0.5,1.2)*1.7"),
    ),
    "colon weights": (
        "0.5:2, 1.2:1",
        ("!points.letters", "!file.text", "!points.pair", "!file.text"),
    ),
    "weights @": ("0.5@2, 1.2", ("!points.label", "1.2 passed", "!points.brackets", "!file.one")),
    "weights ^": ("0.5^2, 1.2", ("!points.letters", "1.2 passed", "!points.pair", "!file.one")),
    "weights paren": (
        "0.5 (2), 1.2 (1)",
        ("!points.letters", "!file.text", "!points.brackets", "!file.text"),
    ),
    "weights star sp": (
        "0.5 * 2, 1.2 *1",
        ("0.5*2, 1.2", "0.5*2, 1.2", "!points.brackets", "!file.text"),
    ),
    "weights before": (
        "2*0.5, 1*1.2",
        ("2*0.5, 1*1.2", "2*0.5, 1*1.2", "!points.brackets", "!file.text"),
    ),
    "weights before plane": (
        "2*(0.5,1), (1,2)",
        ("!points.letters", "!file.text", "!points.brackets", "!file.text"),
    ),
    "weight percent": (
        "0.5*50%, 1.2*50%",
        ("!points.letters", "!file.text", "!points.brackets", "!file.text"),
    ),
    "weights hdr plane": ("x;y;w\n0,5;1;2\n1,2;1;1", ("0.5*2, 1.2", "(0.5,1)*2, (1.2,1)")),
    "prob hdr": ("x,p\n0.5,0.3\n1.2,0.7", ("0.5, 1.2", "(0.5,0.3), (1.2,0.7)")),
    "count hdr": ("x,count\n0.5,3\n1.2,7", ("0.5*3, 1.2*7", "(0.5,3), (1.2,7)")),
    "n hdr": ("value,n\n0.5,3\n1.2,7", ("0.5, 1.2", "(0.5,3), (1.2,7)")),
    "freq hdr": ("x,freq\n0.5,3\n1.2,7", ("0.5*3, 1.2*7", "(0.5,3), (1.2,7)")),
    "mass hdr": ("x,y,mass\n0.5,3,1\n1.2,7,2", ("0.5, 1.2", "(0.5,3), (1.2,7)")),
    "label nohdr": ("a,1,2\nb,3,4", ("1*2, 3*4", "(1,2), (3,4)")),
    "label nohdr last": ("1,2,a\n3,4,b", ("1*2, 3*4", "(1,2), (3,4)")),
    "label one": ("a 1\nb 2", ("1, 2", "!file.one")),
    "label 0/1 nohdr": (
        "1,2,0\n3,4,1\n5,6,0",
        ("? 1, 2, 0, … | 1, 3, 5", "1, 3, 5", "(1,2), (3,4), (5,6)", "(1,2), (3,4), (5,6)"),
    ),
    "id nohdr": (
        "1,0.5,2\n2,1.5,4\n3,2.5,6",
        (
            "? 1, 0.5, 2, … | 0.5*2, 1.5*4, 2.5*6 | 1, 2, 3",
            "? 0.5*2, 1.5*4, 2.5*6 | 1, 2, 3",
            "? (0.5,2), (1.5,4), (2.5,6) | (1,0.5)*2, (2,1.5)*4, (3,2.5)*6",
            "? (0.5,2), (1.5,4), (2.5,6) | (1,0.5)*2, (2,1.5)*4, (3,2.5)*6",
        ),
    ),
    "assign": (
        "x = 0.5, 1.2",
        ("0.5, 1.2", "? 0.5*1.2 | 0.5, 1.2", "!points.brackets", "(0.5,1.2)"),
    ),
    "assign each": (
        "x1=0.5, x2=1.2",
        ("!points.letters", "!file.text", "!points.pair", "!file.text"),
    ),
    "assign plane": (
        "x=0.5, y=1.2",
        ("!points.letters", "!file.text", "!points.pair", "!file.text"),
    ),
    "pt names": (
        "A(0.5, 1.2), B(1.7, 2)",
        ("!points.letters", "!file.text", "!points.pair", "!file.text"),
    ),
    "pt names sp": (
        "P1: (0.5, 1.2); P2: (1.7, 2)",
        ("!points.letters", "!file.text", "!points.pair", "!file.text"),
    ),
    "pt semi": ("(0.5; 1.2), (1.7; 2)", ("0.5*1.2, 1.7*2", "(0.5,1.2), (1.7,2)")),
    "pt colon": ("0.5:1.2; 1.7:2", ("!points.letters", "!file.text", "!points.pair", "!file.text")),
    "pt nobr": (
        "0.5,1.2; 1.7,2",
        (
            "? 0.5, 1.2, 1.7, … | 0.5*1.2, 1.7*2",
            "0.5*1.2, 1.7*2",
            "(0.5,1.2), (1.7,2)",
            "(0.5,1.2), (1.7,2)",
        ),
    ),
    "pt nobr nl": (
        "0.5,1.2\n1.7,2",
        (
            "? 0.5, 1.2, 1.7, … | 0.5*1.2, 1.7*2",
            "0.5*1.2, 1.7*2",
            "(0.5,1.2), (1.7,2)",
            "(0.5,1.2), (1.7,2)",
        ),
    ),
    "pt curly": ("{0.5, 1.2}, {1.7, 2}", ("0.5*1.2, 1.7*2", "(0.5,1.2), (1.7,2)")),
    "pt 3d": ("(1,2,3), (4,5,6)", ("1, 4", "1, 4", "!points.pair", "(1,2)*3, (4,5)*6")),
    "pt dec comma": (
        "(0,5;1,2), (1,7;2)",
        ("!file.uneven", "!file.uneven", "(0.5,1.2), (1.7,2)", "!file.uneven"),
    ),
    "pt dec comma2": (
        "(0,5 1,2) (1,7 2)",
        ("!file.uneven", "!file.uneven", "(0.5,1.2), (1.7,2)", "!file.uneven"),
    ),
    "pt dec ambiguous": ("(0,5), (1,2)", ("0*5, 1*2", "(0,5), (1,2)")),
    "wkt": (
        "POINT (0.5 1.2)\nPOINT (1.7 2)",
        ("!points.letters", "!file.numbers", "!points.pair", "!file.numbers"),
    ),
    "svg points": (
        "0.5,1.2 1.7,2",
        (
            "? 0.5, 1.2, 1.7, … | 0.5*1.2, 1.7*2",
            "0.5*1.2, 1.7*2",
            "(0.5,1.2), (1.7,2)",
            "(0.5,1.2), (1.7,2)",
        ),
    ),
    "svg path": (
        "M0.5,1.2 L1.7,2",
        ("!points.letters", "!file.text", "!points.pair", "!file.text"),
    ),
    "geogebra": ("{(0.5, 1.2), (1.7, 2)}", ("0.5*1.2, 1.7*2", "(0.5,1.2), (1.7,2)")),
    "fortran list": ("2*0.5 1.2", ("2*0.5, 1.2", "2*0.5, 1.2", "!points.brackets", "!file.one")),
    "psql": (" x  | y\n----+---\n0.5 | 2\n1.5 | 4\n(2 rows)", ("0.5, 1.5", "(0.5,2), (1.5,4)")),
    "mysql": (
        "+-----+---+\n| x   | y |\n+-----+---+\n| 0.5 | 2 |\n| 1.5 | 4 |\n2 rows in set (0 s)",
        ("0.5, 1.5", "(0.5,2), (1.5,4)"),
    ),
    "log": ("epoch 1 loss 0.5\nepoch 2 loss 0.4", ("1*0.5, 2*0.4", "(1,0.5), (2,0.4)")),
    "log =": (
        "x=0.5 y=1.2\nx=1.7 y=2",
        ("!points.letters", "!file.numbers", "!points.pair", "!file.numbers"),
    ),
    "stem leaf": ("1 | 2 3 5\n2 | 0 1", ("1, 2", "(1,2), (2,0)")),
    "prose": (
        "The points are 0.5, 1.2 and 1.7.",
        ("!points.letters", "!file.text", "!points.pair", "!file.text"),
    ),
    "range en": ("0–5", ("!points.span", "!file.text", "!points.span", "!file.text")),
    "dots": (
        "0.5, 0.6, ..., 1.5",
        ("!points.letters", "!file.dots", "!points.brackets", "!file.dots"),
    ),
    "dots zh": (
        "0.5，0.6，……，1.5",
        ("!points.letters", "!file.text", "!points.brackets", "!file.text"),
    ),
    "bool col": ("x,y\nTrue,1\nFalse,2", ("1, 2 passed", "!file.one")),
    "dot lead": (".5, 1.", ("0.5, 1", "? 0.5 | 0.5, 1", "!points.brackets", "(0.5,1)")),
    "dbl dot": ("0..5, 1.2", ("!points.span", "1.2 passed", "!points.span", "!file.one")),
    "comma dbl": ("0,,5", ("0, 5", "? 0*5 | 0, 5", "!points.brackets", "(0,5)")),
    "swiss": (
        "1'000, 2'500",
        ("1000, 2500", "? 1000*2500 | 1000, 2500", "!points.brackets", "(1000,2500)"),
    ),
    "swiss2": (
        "1’000; 2’500",
        ("1000, 2500", "? 1000*2500 | 1000, 2500", "!points.brackets", "(1000,2500)"),
    ),
    "big": ("1e7, 2", ("!points.range", "!file.none", "!points.brackets", "!file.none")),
    "de typed sp": (
        "0,5 1,2 1,7",
        ("? 0, 5, 1, … | 0.5, 1.2, 1.7", "0.5, 1.2, 1.7", "!points.brackets", "(0.5,1.2)*1.7"),
    ),
    "de typed nl": (
        "0,5\n1,2\n1,7",
        (
            "? 0, 5, 1, … | 0*5, 1*2, 1*7 | 0.5, 1.2, 1.7",
            "? 0*5, 1*2, 1*7 | 0.5, 1.2, 1.7",
            "(0,5), (1,2), (1,7)",
            "(0,5), (1,2), (1,7)",
        ),
    ),
    "de typed comma sp": (
        "0,5, 1,2, 1,7",
        ("? 0, 5, 1, … | 0.5, 1.2, 1.7", "0, 5, 1, 2, 1, 7", "!points.brackets", "(0,5)"),
    ),
    "comma nl col dec": (
        "1,25\n3,75\n5,50",
        (
            "? 1, 25, 3, … | 1*25, 3*75, 5*50 | 1.25, 3.75, 5.5",
            "? 1*25, 3*75, 5*50 | 1.25, 3.75, 5.5",
            "(1,25), (3,75), (5,50)",
            "(1,25), (3,75), (5,50)",
        ),
    ),
    "head only": (
        "x,y",
        ("!points.letters", "!points.empty", "!points.pair", "!points.empty.plane"),
    ),
    "transposed": ("x,0.5,1.2,1.7\ny,1,2,3", ("0.5, 1.2, 1.7", "(0.5,1), (1.2,2), (1.7,3)")),
    "transposed2": ("x: 0.5 1.2 1.7\ny: 1 2 3", ("0.5, 1.2, 1.7", "(0.5,1), (1.2,2), (1.7,3)")),
    "multi header": ("group,A,A\nname,x,y\n1,2,3\n4,5,6", ("1, 4 -1", "(1,2), (4,5) -1")),
    "total row2": ("name,x\na,1\nb,2\nTotal,3", ("1, 2, 3", "!file.one")),
    "unnamed idx": (",x,y\n0,1,2\n1,3,4", ("1, 3", "(1,2), (3,4)")),
    "idx only": (
        ",0\n0,0.5\n1,1.2",
        ("? 0, 0, 0.5, … | 0.5, 1.2", "0.5, 1.2", "!file.one", "!file.one"),
    ),
    "year value": ("year,value\n1999,0.5\n2000,1.2", ("0.5, 1.2", "(1999,0.5), (2000,1.2)")),
    "value only w/ year nohdr": (
        "1999,0.5\n2000,1.2\n2001,1.7",
        (
            "? 1999, 0.5, 2000, … | 1999*0.5, 2000*1.2, 2001*1.7",
            "1999*0.5, 2000*1.2, 2001*1.7",
            "(1999,0.5), (2000,1.2), (2001,1.7)",
            "(1999,0.5), (2000,1.2), (2001,1.7)",
        ),
    ),
    "fixed width": (
        "  0.5  1.2\n -1.7 -2.0",
        (
            "? 0.5, 1.2, -1.7, … | 0.5, -1.7",
            "0.5, -1.7",
            "(0.5,1.2), (-1.7,-2)",
            "(0.5,1.2), (-1.7,-2)",
        ),
    ),
    "fixed glued": (
        " 0.5-1.2\n 1.7-2.0",
        ("!points.span", "!file.numbers", "!points.span", "!file.numbers"),
    ),
    "emoji": ("0.5 👍, 1.2", ("!points.letters", "!file.text", "!points.brackets", "!file.text")),
    "zero width": (
        "0\u200b.5, 1.2",
        ("!points.letters", "1.2 passed", "!points.pair", "!file.one"),
    ),
    "ff": (
        "1,2\x0c3,4",
        (
            "? 1, 2, 3, … | 1*2, 3*4 | 1.2, 3.4",
            "? 1*2, 3*4 | 1.2, 3.4",
            "(1,2), (3,4)",
            "(1,2), (3,4)",
        ),
    ),
    "nel": (
        "1,2\u20283,4",
        (
            "? 1, 2, 3, … | 1*2, 3*4 | 1.2, 3.4",
            "? 1*2, 3*4 | 1.2, 3.4",
            "(1,2), (3,4)",
            "(1,2), (3,4)",
        ),
    ),
}
