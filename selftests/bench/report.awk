# SPDX-License-Identifier: MIT
#
# report.awk - medians, ratios and verdicts
#
# Variables: raw, targets, machine (files to read), tsv, json (files to write). The table
# for people goes to standard output.
#
# Everything that is measured is better when it is smaller. "met" and "missed" look at
# what was measured; a target for which there is no peer or limit in the run stays "open".

function refuse(file, nr, why)
{
	printf "report: %s, line %d: %s\n", file, nr, why > "/dev/stderr"
	broken = 1
}

function is_number(text)
{
	return text ~ /^-?[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?$/
}

# ---- reading ----

# id = contestant, case, figure; values[id, 1..count[id]]
function read_raw(   line, field, n, nr, id)
{
	while ((getline line < raw) > 0) {
		nr++
		n = split(line, field, "\t")
		if (n != 6) {
			refuse(raw, nr, "not six words: " line)
			continue
		}
		if (!is_number(field[1]) || !is_number(field[5]) && field[5] != "-" ||
		    field[2] == "" || field[3] == "" || field[4] == "" || field[6] == "") {
			refuse(raw, nr, "not a figure: " line)
			continue
		}
		id = field[2] SUBSEP field[3] SUBSEP field[4]
		if (field[5] != "-")
			values[id, ++count[id]] = field[5] + 0
		if (!((field[3], field[4]) in unit))
			rows[++nr_rows] = field[3] SUBSEP field[4]
		unit[field[3], field[4]] = field[6]
		if (!(field[2] in is_contestant))
			contestants[++nr_contestants] = field[2]
		is_contestant[field[2]] = 1
	}
	if (!nr)
		refuse(raw, 0, "nothing was measured")
}

function read_targets(   line, field, n, nr, i)
{
	while ((getline line < targets) > 0) {
		nr++
		if (line ~ /^#/ || line == "")
			continue
		n = split(line, field, /\t+/)
		if (n != 9) {
			refuse(targets, nr, "not nine words: " line)
			continue
		}
		for (i = 1; i <= 9; i++)
			target[nr_targets + 1, i] = field[i]
		nr_targets++
	}
}

# ---- statistics ----

function sort_values(id,   i, j, v)
{
	for (i = 2; i <= count[id]; i++) {
		v = values[id, i]
		for (j = i - 1; j > 0 && values[id, j] > v; j--)
			values[id, j + 1] = values[id, j]
		values[id, j + 1] = v
	}
}

function summarize(   id, n)
{
	for (id in count) {
		sort_values(id)
		n = count[id]
		median[id] = (values[id, int((n + 1) / 2)] + values[id, int(n / 2) + 1]) / 2
		lowest[id] = values[id, 1]
		highest[id] = values[id, n]
	}
}

# Sets best_name and best_value; 0: no peer has the figure.
function find_best_peer(name, figure, without,   i, id)
{
	best_name = ""
	for (i = 1; i <= nr_contestants; i++) {
		id = contestants[i] SUBSEP name SUBSEP figure
		if (contestants[i] == "uwq" || contestants[i] == "limits" ||
		    index("," without ",", "," contestants[i] ",") || !(id in median))
			continue
		if (best_name == "" || median[id] < best_value) {
			best_name = contestants[i]
			best_value = median[id]
		}
	}
	return best_name != ""
}

# ---- writing ----

function short(x)
{
	if (x == 0 || x >= 99.95)
		return sprintf("%.0f", x)
	return x >= 9.995 ? sprintf("%.1f", x) : sprintf(x >= 0.0995 ? "%.2f" : "%.3f", x)
}

# A ratio or value that is judged, with its bound: "0.35 <= 0.40"
function judged(value, bound)
{
	return bound == "-" ? short(value) : short(value) " <= " short(bound + 0)
}

# One more test of the line's verdict.
function judge(known, value, bound)
{
	if (bound == "-")
		return
	if (!known)
		verdict = verdict == "missed" ? verdict : "open"
	else if (value > bound + 0)
		verdict = "missed"
	else if (verdict == "")
		verdict = "met"
}

function json_number(key, known, value)
{
	return known ? sprintf(", \"%s\": %.6g", key, value) : ""
}

function json_others(name, figure,   i, id, text)
{
	for (i = 1; i <= nr_contestants; i++) {
		id = contestants[i] SUBSEP name SUBSEP figure
		if (id in median)
			text = text sprintf("%s\"%s\": {\"median\": %.6g, \"min\": %.6g, \"max\": %.6g, \"rounds\": %d}",
				text == "" ? "" : ", ", contestants[i], median[id], lowest[id],
				highest[id], count[id])
	}
	return text
}

function target_line(t,   name, figure, id, value, has_peer, has_limit, limit, ref, peer_text, limit_text)
{
	name = target[t, 1]
	figure = target[t, 2]
	id = "uwq" SUBSEP name SUBSEP figure
	if (!(id in median)) {
		if ((name, figure) in unit)
			printf "%-18s %-8s %8s %-20s %-5s\n", name, figure, "-", "", unit[name, figure]
		return
	}
	in_targets[name, figure] = 1
	value = target[t, 3] == "max" ? highest[id] : median[id]
	has_peer = find_best_peer(target[t, 5] == "-" ? name : target[t, 5], figure, target[t, 6])
	split(target[t, 7], ref, ":")
	limit = ref[1] SUBSEP ref[2] SUBSEP ref[3]
	has_limit = limit in median
	# nobody can be so many times nothing
	has_peer = has_peer && best_value > 0
	has_limit = has_limit && median[limit] > 0

	verdict = ""
	judge(has_peer, has_peer ? value / best_value : 0, target[t, 4])
	judge(has_limit, has_limit ? value / median[limit] : 0, target[t, 8])
	judge(1, value, target[t, 9])
	tally[verdict]++
	peer_text = has_peer ? judged(value / best_value, target[t, 4]) " " best_name : "-"
	limit_text = has_limit ? judged(value / median[limit], target[t, 8]) " " ref[2] : "-"
	if (target[t, 9] != "-")
		limit_text = judged(value, target[t, 9]) " " unit[name, figure]

	printf "%-18s %-8s %8s %-20s %-5s %-27s %-31s %s\n", name, figure, short(median[id]),
		"(" short(lowest[id]) ".." short(highest[id]) ")", unit[name, figure],
		peer_text, limit_text, verdict == "" ? "-" : verdict
	printf "%s\t%s\t%s\t%s\t%.6g\t%.6g\t%.6g\t%d\t%s\t%s\t%s\t%s\n", "uwq", name, figure,
		unit[name, figure], median[id], lowest[id], highest[id], count[id],
		peer_text, limit_text, target[t, 3], verdict == "" ? "-" : verdict > tsv
	json_lines[++nr_json] = sprintf("{\"case\": \"%s\", \"figure\": \"%s\", \"unit\": \"%s\", \"stat\": \"%s\"%s%s%s%s%s%s, \"verdict\": \"%s\"}",
		name, figure, unit[name, figure], target[t, 3],
		has_peer ? ", \"best_peer\": \"" best_name "\"" : "",
		json_number("peer_ratio", has_peer, has_peer ? value / best_value : 0),
		json_number("peer_target", target[t, 4] != "-", target[t, 4]),
		json_number("limit_ratio", has_limit, has_limit ? value / median[limit] : 0),
		json_number("limit_target", target[t, 8] != "-", target[t, 8]),
		json_number("most", target[t, 9] != "-", target[t, 9]), verdict)
}

# All contestants beside each other.
function side_by_side(   i, k, id, name, figure, key)
{
	printf "\n%-21s %-9s %-7s", "medians", "", "unit"
	for (k = 1; k <= nr_contestants; k++)
		printf " %12s", contestants[k]
	print ""
	for (i = 1; i <= nr_rows; i++) {
		split(rows[i], key, SUBSEP)
		name = key[1]
		figure = key[2]
		printf "%-21s %-9s %-7s", name, figure, unit[name, figure]
		for (k = 1; k <= nr_contestants; k++) {
			id = contestants[k] SUBSEP name SUBSEP figure
			printf " %12s", id in median ? short(median[id]) : "-"
			if (id in median && !(contestants[k] == "uwq" && (name, figure) in in_targets))
				printf "%s\t%s\t%s\t%s\t%.6g\t%.6g\t%.6g\t%d\t-\t-\t-\t-\n",
					contestants[k], name, figure, unit[name, figure],
					median[id], lowest[id], highest[id], count[id] > tsv
		}
		print ""
	}
}

function write_json(   i, key, line, text)
{
	print "{\n\"machine\": {" > json
	while ((getline line < (machine)) > 0) {
		gsub(/["\\]/, "", line)
		i = index(line, ": ")
		text = text (text == "" ? "" : ",\n") "  \"" substr(line, 1, i - 1) "\": \"" \
			substr(line, i + 2) "\""
	}
	print text "\n},\n\"figures\": [" > json
	for (i = 1; i <= nr_rows; i++) {
		split(rows[i], key, SUBSEP)
		printf "{\"case\": \"%s\", \"figure\": \"%s\", \"unit\": \"%s\", \"contestants\": {%s}}%s\n",
			key[1], key[2], unit[key[1], key[2]], json_others(key[1], key[2]),
			i < nr_rows ? "," : "" > json
	}
	print "],\n\"targets\": [" > json
	for (i = 1; i <= nr_json; i++)
		print json_lines[i] (i < nr_json ? "," : "") > json
	print "]\n}" > json
}

BEGIN {
	read_raw()
	read_targets()
	if (broken)
		exit 1
	summarize()
	while ((getline line < machine) > 0)
		print line
	close(machine)
	print "contestant\tcase\tfigure\tunit\tmedian\tmin\tmax\trounds\tto best peer\tto limit\tstat\tverdict" > tsv
	printf "\n%-18s %-8s %8s %-20s %-5s %-27s %-31s %s\n", "uwq", "", "median", "(min..max)", "",
		"times the best peer", "times the limit, or bound", "verdict"
	for (t = 1; t <= nr_targets; t++)
		target_line(t)
	printf "\n%d met, %d missed, %d open (no peer or limit in this run)\n", tally["met"],
		tally["missed"], tally["open"]
	side_by_side()
	write_json()
}
